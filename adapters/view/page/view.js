"use strict";
const byId = (id) => document.getElementById(id);
const make = (tag, properties, ...inner) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...inner);
  return made;
};
const say = (text) => { byId("where").textContent = text; };
const WORDS = { error: "error", warning: "warning", info: "remark" };
const NO_CT = "nothing", CT_2D = "ct, not in 3-D";
const VIEWS = [["all four", "MULTIPLANAR"], ["axial", "AXIAL"], ["coronal", "CORONAL"], ["sagittal", "SAGITTAL"], ["3-D", "RENDER"]];

/* What is shown: the scene as the server tells it, and what the reader has chosen. */
const state = { scene: null, viewer: null, map: 0, shown: [], beside: null, besideMap: null };
const legend = () => state.scene.legends[state.scene.maps[state.map].legend];
const viewers = () => [state.viewer, state.beside].filter(Boolean);

/* The graphics card looks a colour up between two entries of a table, and what is above its lowest
   end at least at two 256ths of it. So each number has WIDE entries of one colour, and some clear
   ones lie below 0: whatever is rounded, no number gets the colour of another. */
const WIDE = 3;
const colours = (map) => {
  const { legend: which } = state.scene.maps[map];
  const rows = state.scene.legends[which], on = state.shown[which];
  const last = WIDE * rows.length + 1, first = -1 - Math.ceil(last / 100);
  const made = { R: [], G: [], B: [], A: [], I: [] };
  for (let at = first; at <= last; at++) {
    const number = Math.max(0, Math.round(at / WIDE));
    const rgb = number && on[number - 1] ? rows[number - 1].rgb : null;
    ["R", "G", "B"].forEach((part, n) => made[part].push(rgb ? rgb[n] : 0));
    made.A.push(rgb ? 255 : 0);
    made.I.push(at);
  }
  return made;
};
const repaint = () => {
  for (const viewer of viewers()) {
    if (viewer.volumes.length < 2) continue;
    viewer.volumes[1].setColormapLabel(colours(viewer === state.viewer ? state.map : state.besideMap));
    viewer.updateGLVolume();
  }
};

const voxelAt = (mm) => state.scene.ijk_of_mm.slice(0, 3).map((row) => Math.round(row[0] * mm[0] + row[1] * mm[1] + row[2] * mm[2] + row[3]));
const tell = (location) => {
  const mm = Array.from(location.mm).slice(0, 3);
  ["x", "y", "z"].forEach((axis, at) => { byId(axis).value = mm[at].toFixed(1); });
  const number = Math.round((location.values[1]?.value ?? 0) / WIDE);
  const row = legend()[number - 1];
  const what = row ? row.name + (row.integer === null ? "" : " (" + row.integer + ")") : "no structure";
  const { image, image_unit: unit } = state.scene;
  const value = image ? location.values[0].value : 0;
  const hu = image ? ", " + (unit ? Math.round(value) + " " + unit : "value " + Number(value.toPrecision(4))) : "";
  const voxel = voxelAt(mm);
  say(what + hu + " at " + mm.map((n) => n.toFixed(1)).join(", ") + " mm, voxel " + voxel.join(", "));
  byId("story").hidden = !state.scene.explain;
  byId("story-command").textContent = state.scene.explain + " " + voxel.join(",");
};
/* The other one shows the same place, from the same side. */
const follow = (from) => {
  for (const other of viewers()) {
    if (other === from) continue;
    other.scene.crosshairPos = Array.from(from.scene.crosshairPos);
    other.scene.renderAzimuth = from.scene.renderAzimuth;
    other.scene.renderElevation = from.scene.renderElevation;
    other.drawScene();
  }
};
const lookAt = (mm) => {
  const { viewer } = state;
  viewer.scene.crosshairPos = viewer.mm2frac(mm);
  viewer.drawScene();
  viewer.createOnLocationChange();
};

const listFindings = () => {
  const { findings, verdict } = state.scene;
  const list = byId("findings");
  for (const finding of findings) {
    const inner = [make("b", { className: finding.severity, textContent: WORDS[finding.severity] }), " " + finding.message];
    const small = [finding.rule, finding.note, finding.look_mm ? finding.look_mm.map((n) => n.toFixed(0)).join(", ") + " mm" : "no place"];
    const button = make("button", { type: "button", disabled: !finding.look_mm }, ...inner,
      make("small", { textContent: small.filter(Boolean).join("; ") }));
    button.addEventListener("click", () => {
      for (const other of list.querySelectorAll("button")) other.removeAttribute("aria-current");
      button.setAttribute("aria-current", "true");
      lookAt(finding.look_mm);
      byId("stage").scrollIntoView({ block: "nearest" });
    });
    list.append(make("li", {}, button));
  }
  const none = byId("no-findings");
  none.hidden = findings.length > 0;
  none.textContent = verdict ? "None." : "No rules were asked: --rules recommended judges the file.";
};

/* One box for every system, and one for each structure in it that the map has. */
const listStructures = () => {
  const map = state.scene.maps[state.map], on = state.shown[map.legend];
  const found = new Map();
  legend().forEach((row, at) => {
    if (!found.has(row.group)) found.set(row.group, []);
    if (!map.voxels || map.voxels[at]) found.get(row.group).push({ row, at });
  });
  const groups = byId("groups");
  groups.replaceChildren();
  for (const [group, rows] of found) {
    if (!rows.length) continue;
    const whole = make("input", { type: "checkbox" });
    const boxes = rows.map(({ row, at }) => {
      const box = make("input", { type: "checkbox", checked: on[at] });
      box.addEventListener("change", () => { on[at] = box.checked; settle(); repaint(); });
      return box;
    });
    const settle = () => {
      const count = boxes.filter((box) => box.checked).length;
      whole.checked = count === boxes.length;
      whole.indeterminate = count > 0 && count < boxes.length;
    };
    whole.addEventListener("change", () => {
      rows.forEach(({ at }, n) => { on[at] = boxes[n].checked = whole.checked; });
      settle();
      repaint();
    });
    const items = rows.map(({ row, at }, n) => {
      const swatch = make("span", { className: "swatch", ariaHidden: "true" });
      swatch.style.background = "rgb(" + row.rgb.join(",") + ")";
      const item = make("li", {}, boxes[n], make("label", { htmlFor: (boxes[n].id = "row-" + at) }, swatch, row.name));
      if (map.voxels) item.append(make("span", { className: "ml", textContent: (map.voxels[at] * state.scene.voxel_ml).toFixed(1) + " ml" }));
      item.dataset.name = row.name.toLowerCase().replaceAll("_", " ");
      return item;
    });
    settle();
    whole.id = "group-" + group;
    groups.append(make("div", { className: "group" }, whole, make("label", { htmlFor: whole.id, textContent: " " + group }),
      make("details", { open: rows.length < 4 }, make("summary", { textContent: rows.length + (rows.length === 1 ? " structure" : " structures") }), make("ul", {}, ...items))));
  }
  filter();
};
const filter = () => {
  const wanted = byId("filter").value.trim().toLowerCase().replaceAll("_", " ");
  let count = 0;
  for (const group of document.querySelectorAll(".group")) {
    const items = Array.from(group.querySelectorAll("li"));
    for (const item of items) item.hidden = !item.dataset.name.includes(wanted);
    const left = items.filter((item) => !item.hidden).length;
    group.hidden = left === 0;
    if (wanted && left) group.querySelector("details").open = true;
    count += left;
  }
  byId("filtered").textContent = wanted ? count + (count === 1 ? " structure" : " structures") : "";
};
const setAll = (value) => {
  state.shown[state.scene.maps[state.map].legend].fill(value);
  listStructures();
  repaint();
};

const labelsOf = async (map) => {
  const answer = await fetch(map.file);
  if (!answer.ok) throw new Error(await answer.text());
  const volume = await niivue.NVImage.new(await answer.arrayBuffer(), map.file);
  return volume;
};
const chooseMap = async (at) => {
  const { viewer, scene } = state;
  const select = byId("map");
  select.disabled = true;
  say("Reading " + scene.maps[at].title + " ...");
  try {
    const volume = await labelsOf(scene.maps[at]);
    volume.hdr.scl_slope = WIDE;
    state.map = at;
    volume.setColormapLabel(colours(at));
    volume.opacity = byId("opacity").value / 100;
    if (viewer.volumes.length > 1) viewer.removeVolume(viewer.volumes[1]);
    viewer.addVolume(volume);
    listStructures();
    viewer.createOnLocationChange();
  } catch (error) {
    select.value = state.map;
    say("It cannot be shown: " + error.message.trim());
  }
  select.disabled = false;
};

/* A second drawing of the same image, with another label map. */
const chooseBeside = async (at) => {
  const { scene, viewer } = state;
  const select = byId("beside"), canvas = byId("beside-canvas");
  select.disabled = true;
  try {
    canvas.hidden = at === null;
    viewer.resizeListener();
    if (at === null) {
      state.besideMap = null;
      if (state.beside?.volumes.length > 1) state.beside.removeVolume(state.beside.volumes[1]);
    } else {
      say("Reading " + scene.maps[at].title + " ...");
      const volume = await labelsOf(scene.maps[at]);
      volume.hdr.scl_slope = WIDE;
      state.beside ??= await draw("beside-canvas");
      const { beside } = state;
      beside.resizeListener();
      state.besideMap = at;
      volume.setColormapLabel(colours(at));
      volume.opacity = byId("opacity").value / 100;
      if (beside.volumes.length > 1) beside.removeVolume(beside.volumes[1]);
      beside.addVolume(volume);
      const [{ cal_min: low, cal_max: high }] = viewer.volumes;
      [beside.volumes[0].cal_min, beside.volumes[0].cal_max] = [low, high];
      beside.setSliceType(viewer.opts.sliceType);
      beside.updateGLVolume();
      canvas.setAttribute("aria-label", "The same place, " + scene.maps[at].title);
      beside.onLocationChange = (location) => { follow(beside); location.values[1] && viewer.createOnLocationChange(); };
      beside.onAzimuthElevationChange = () => follow(beside);
      follow(viewer);
    }
    viewer.createOnLocationChange();
  } catch (error) {
    canvas.hidden = state.besideMap === null;
    viewer.resizeListener();
    select.value = state.besideMap ?? "";
    say("It cannot be shown: " + error.message.trim());
  }
  select.disabled = false;
};

const offer = () => {
  const { scene, viewer } = state;
  VIEWS.forEach(([title, kind], at) => {
    const input = make("input", { type: "radio", name: "view", id: "view-" + at, checked: at === 0 });
    input.addEventListener("change", () => viewers().forEach((each) => each.setSliceType(niivue.SLICE_TYPE[kind])));
    byId("views").append(make("label", { htmlFor: input.id }, input, " " + title));
  });
  scene.maps.forEach((map, at) => byId("map").append(make("option", { value: at, textContent: map.title })));
  byId("map").addEventListener("change", (event) => chooseMap(Number(event.target.value)));
  scene.maps.forEach((map, at) => byId("beside").append(make("option", { value: at, textContent: map.title })));
  byId("beside-box").hidden = scene.maps.length < 2;
  byId("beside").addEventListener("change", ({ target: { value } }) => chooseBeside(value === "" ? null : Number(value)));
  byId("opacity").addEventListener("input", (event) => {
    for (const each of viewers()) if (each.volumes.length > 1) each.setOpacity(1, event.target.value / 100);
  });
  byId("window-box").hidden = scene.image_unit !== "HU";
  byId("window").addEventListener("change", (event) => {
    for (const each of viewers()) {
      [each.volumes[0].cal_min, each.volumes[0].cal_max] = event.target.value.split(" ").map(Number);
      each.updateGLVolume();
    }
  });
  byId("go").addEventListener("submit", (event) => {
    event.preventDefault();
    lookAt(["x", "y", "z"].map((axis) => Number(byId(axis).value)));
  });
  byId("filter").addEventListener("input", filter);
  byId("all").addEventListener("click", () => setAll(true));
  byId("none").addEventListener("click", () => setAll(false));
};
const describe = () => {
  const { scene } = state;
  byId("name").textContent = scene.name;
  byId("verdict").textContent = scene.verdict && ": " + scene.verdict;
  document.title = scene.name + ": vesalius view";
  for (const [id, texts] of [["reasons", scene.reasons], ["remarks", scene.remarks]]) {
    byId(id).append(...texts.map((text) => make("li", { textContent: text })));
  }
  if (!scene.image) byId("opacity").value = 100;
  byId("reasons").hidden = !scene.reasons.length;
  byId("remarks-box").hidden = !scene.remarks.length;
};

/* Without a graphics card the processor draws, which takes minutes for a whole body. */
const warnOfSlowness = (card) => {
  const names = card.getExtension("WEBGL_debug_renderer_info");
  const name = names ? card.getParameter(names.UNMASKED_RENDERER_WEBGL) : "";
  if (!/swiftshader|llvmpipe|software|basic render/i.test(name)) return;
  byId("remarks").append(make("li", { textContent: "This browser draws without a graphics card, slowly; --millions 8 shows fewer voxels and is faster." }));
  byId("remarks-box").hidden = false;
};

const start = async () => {
  const scene = state.scene = await (await fetch("scene.json")).json();
  state.shown = scene.legends.map((rows) => rows.map((row) => row.shown));
  describe();
  listFindings();
  listStructures();
  const card = document.createElement("canvas").getContext("webgl2");
  if (!card) throw new Error("this browser has no WebGL 2");
  warnOfSlowness(card);
  state.viewer = await draw("canvas");
  state.viewer.onLocationChange = (location) => { tell(location); follow(state.viewer); };
  state.viewer.onAzimuthElevationChange = () => follow(state.viewer);
  offer();
  await chooseMap(0);
  document.body.dataset.ready = "yes";
};

/* A viewer with the image alone. */
const draw = async (canvas) => {
  const { scene } = state;
  const viewer = new niivue.Niivue({
    backColor: [0, 0, 0, 1], crosshairColor: [1, 1, 1, 0.7], isRadiologicalConvention: true, sagittalNoseLeft: true,
    dragAndDropEnabled: false, isNearestInterpolation: true, multiplanarShowRender: niivue.SHOW_RENDER.ALWAYS,
    show3Dcrosshair: true, crosshairWidthUnit: "mm", fontColor: [0.85, 0.85, 0.85, 1], logLevel: "error", loadingText: "", viewModeHotKey: "", clipPlaneHotKey: "", cycleClipPlaneHotKey: "",
  });
  await viewer.attachTo(canvas);
  viewer.setRenderAzimuthElevation(160, 15);
  /* The labels alone are seen in 3-D: the skin of the CT would hide them. */
  const flat = { R: [0, 255], G: [0, 255], B: [0, 255], A: [0, 0], I: [0, 255] };
  viewer.addColormap(CT_2D, flat);
  viewer.addColormap(NO_CT, { ...flat, R: [0, 0], G: [0, 0], B: [0, 0] });
  const ground = await labelsOf({ file: scene.image ?? scene.maps[0].file });
  ground.colormap = scene.image ? CT_2D : NO_CT;
  viewer.addVolume(ground);
  /* The cross is a pixel or two wide, and leaves free what it is on. */
  const size = ground.dimsRAS.slice(1, 4).map((n, at) => n * ground.pixDimsRAS[at + 1]);
  viewer.opts.crosshairWidth = Math.max(...size) / 250;
  viewer.opts.crosshairGap = Math.max(...size) / 40;
  return viewer;
};
start().catch((error) => say("It cannot be shown: " + error.message));
