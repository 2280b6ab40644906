/* How far the surface of each label of one map lies from that of the same label of another.

   A corner is where eight voxels meet; it lies on the surface of a label where some of them have it and
   others do not. Label after label, a window of the box of both is laid out as one byte for each corner,
   its code: bit 4 b + 2 s + m for the voxel that lies before the corner along the fast (b), the slow (s),
   the middle axis (m), or else after it. From each corner on one surface some steps are tried, the
   shortest first, until one leads to a corner on the other; the first of them is none. */

/* Bytes of a window, unless a few layers need more. */
static const int64_t WINDOW = 1 << 22;

/* A run of one label. */
typedef struct {
    int32_t from, to, middle, slow;
} Stretch;

/* The runs of a map by label, and where those of each label begin. */
typedef struct {
    Stretch *run;
    int64_t *begin;
} Sorted;

/* Corners that are listed. */
typedef struct {
    int32_t *place; /* by fast, middle, slow axis */
    uint16_t *label;
    uint8_t *code;
    int64_t used, room;
} Corners;

/* Some layers of the box of a label, and the layers of voxels that are laid out for them. */
typedef struct {
    int64_t low[3], corners[3];    /* where the box begins, and how many corners it has */
    int64_t margin, stride, lines; /* around them, so that no step leads out; of codes */
    uint8_t *code[2];              /* of both maps; all 0 between two windows */
    int32_t *from[2], *to[2];      /* by line: where codes that are not 0 begin and end */
    int64_t codes, rows;           /* room for them */
    uint8_t *voxel[2];             /* 1 where the label is, one line and one voxel around them */
    int32_t *first[2], *last[2];   /* by line of voxels where they begin and end; the last 0: none */
    int64_t voxels, columns;
} Window;

static inline int32_t least(int32_t a, int32_t b) { return a < b ? a : b; }
static inline int32_t most(int32_t a, int32_t b) { return a > b ? a : b; }
static inline int is_surface(uint8_t code) { return (uint8_t)(code - 1) < 254; }

/* The bytes of a word that are codes of a surface, as their highest bits. */
static inline uint64_t surfaces_in(uint64_t word)
{
    const uint64_t low = 0x7f7f7f7f7f7f7f7fu;
    uint64_t some = ((word & low) + low) | word, others = ((~word & low) + low) | ~word;
    return some & others & ~low;
}

/* The byte, by its place in memory, of the lowest of some highest bits. */
static inline int byte_of(uint64_t bits)
{
    const uint16_t one = 1;
    uint8_t little;
    memcpy(&little, &one, 1);
#if defined(__GNUC__)
    int byte = __builtin_ctzll(bits) >> 3;
#else
    int byte = 0;
    while (!(bits >> (8 * byte + 7) & 1)) byte++;
#endif
    return little ? byte : 7 - byte;
}

/* Sort the runs of a map by label; -1 where they are not those of a volume, -2 where there is no memory. */
static int sort_by_label(const Column *c, const Shape *shape, int64_t labels, Sorted *sorted)
{
    const uint16_t *label = c[2].view.buf;
    int64_t last = 0, size = shape->fast * shape->middle * shape->slow;
    sorted->run = malloc((size_t)c[0].n * sizeof(Stretch) + 1);
    sorted->begin = calloc((size_t)labels + 2, 8);
    if (!sorted->run || !sorted->begin) return -2;
    int64_t *next = sorted->begin + 1;
    for (int64_t run = 0; run < c[0].n; run++) {
        if (label[run] >= labels) return -1;
        next[label[run] + 1]++;
    }
    for (int64_t each = 0; each < labels; each++) next[each + 1] += next[each];
    Place line = first_line(shape->fast, shape->middle);
    for (int64_t run = 0; run < c[0].n; run++) {
        int64_t start = signed_at(&c[0], run), stop = signed_at(&c[1], run);
        if (start < last || stop <= start || stop > size) return -1;
        last = stop;
        seek(&line, start);
        if (stop > line.begin + shape->fast) return -1;
        Stretch *to = sorted->run + next[label[run]]++;
        to->from = (int32_t)(start - line.begin);
        to->to = (int32_t)(stop - line.begin);
        to->middle = (int32_t)line.row;
        to->slow = (int32_t)line.layer;
    }
    return 0;
}

static int list_corner(Corners *list, int64_t fast, int64_t middle, int64_t slow, int64_t label,
                       uint8_t code)
{
    if (list->used == list->room) {
        int64_t room = larger(2 * list->room, 1024);
        int32_t *place = realloc(list->place, (size_t)room * 12);
        if (place) list->place = place;
        uint16_t *labels = realloc(list->label, (size_t)room * 2);
        if (labels) list->label = labels;
        uint8_t *codes = realloc(list->code, (size_t)room);
        if (codes) list->code = codes;
        if (!place || !labels || !codes) return -2;
        list->room = room;
    }
    int32_t *place = list->place + 3 * list->used;
    place[0] = (int32_t)fast;
    place[1] = (int32_t)middle;
    place[2] = (int32_t)slow;
    list->label[list->used] = (uint16_t)label;
    list->code[list->used++] = code;
    return 0;
}

/* Lay a box around the runs of a label in both maps. */
static void lay_box(Window *window, const Sorted *sorted, int64_t label, int64_t margin)
{
    int64_t high[3] = {0, 0, 0};
    window->low[0] = window->low[1] = window->low[2] = INT32_MAX;
    for (int side = 0; side < 2; side++)
        for (int64_t at = sorted[side].begin[label]; at < sorted[side].begin[label + 1]; at++) {
            const Stretch *run = sorted[side].run + at;
            window->low[0] = smaller(window->low[0], run->from);
            window->low[1] = smaller(window->low[1], run->middle);
            window->low[2] = smaller(window->low[2], run->slow);
            high[0] = larger(high[0], run->to);
            high[1] = larger(high[1], (int64_t)run->middle + 1);
            high[2] = larger(high[2], (int64_t)run->slow + 1);
        }
    for (int axis = 0; axis < 3; axis++) window->corners[axis] = high[axis] - window->low[axis] + 1;
    window->margin = margin;
    window->stride = window->corners[0] + 2 * margin;
    window->lines = window->corners[1] + 2 * margin;
}

/* Words are read eight bytes at a time, so there is room for one more. */
static void *grown(void *old, int64_t n, int64_t size)
{
    free(old);
    return calloc((size_t)n + 8, (size_t)size);
}

/* Make room for so many layers of codes and two of voxels; -2 where there is no memory. */
static int make_window(Window *window, int64_t layers)
{
    int64_t codes = layers * window->lines * window->stride, rows = layers * window->lines;
    int64_t columns = window->corners[1] + 1, voxels = columns * (window->corners[0] + 1);
    int fine = 1;
    for (int each = 0; each < 2; each++) {
        if (codes > window->codes) fine &= !!(window->code[each] = grown(window->code[each], codes, 1));
        if (rows > window->rows) {
            fine &= !!(window->from[each] = grown(window->from[each], rows, 4));
            fine &= !!(window->to[each] = grown(window->to[each], rows, 4));
        }
        if (voxels > window->voxels)
            fine &= !!(window->voxel[each] = grown(window->voxel[each], voxels, 1));
        if (columns > window->columns) {
            fine &= !!(window->first[each] = grown(window->first[each], columns, 4));
            for (int64_t at = 0; fine && at < columns; at++) window->first[each][at] = INT32_MAX;
            fine &= !!(window->last[each] = grown(window->last[each], columns, 4));
        }
    }
    window->codes = larger(window->codes, codes);
    window->rows = larger(window->rows, rows);
    window->voxels = larger(window->voxels, voxels);
    window->columns = larger(window->columns, columns);
    return fine ? 0 : -2;
}

static void free_window(Window *window)
{
    for (int each = 0; each < 2; each++) {
        free(window->code[each]);
        free(window->from[each]);
        free(window->to[each]);
        free(window->voxel[each]);
        free(window->first[each]);
        free(window->last[each]);
    }
}

/* Write the runs of a label that lie in a layer, or take them away. */
static int64_t paint_window(Window *window, const Sorted *map, int64_t at, int64_t end, int64_t layer, int value)
{
    int64_t wide = window->corners[0] + 1, odd = layer & 1;
    for (; at < end && map->run[at].slow == window->low[2] + layer; at++) {
        const Stretch *run = map->run + at;
        int64_t line = run->middle - window->low[1] + 1, from = run->from - window->low[0];
        int64_t to = run->to - window->low[0];
        memset(window->voxel[odd] + line * wide + from + 1, value, (size_t)(to - from));
        window->first[odd][line] = value ? least(window->first[odd][line], (int32_t)from) : INT32_MAX;
        window->last[odd][line] = value ? (int32_t)to : 0;
    }
    return at;
}

/* Code eight corners of a line by its four lines of voxels: bytes of 0 or 1, so that no bit moves into the
   next byte. */
static inline uint64_t eight(const uint8_t *a, const uint8_t *b, const uint8_t *c, const uint8_t *d)
{
    uint64_t one, two, three, four;
    memcpy(&one, a, 8);
    memcpy(&two, b, 8);
    memcpy(&three, c, 8);
    memcpy(&four, d, 8);
    return one | two << 1 | three << 2 | four << 3;
}

/* Code the corners of a layer between the two layers of voxels that are laid out. */
static void code_layer(Window *window, int side, int64_t layer, int64_t place)
{
    const int after = layer & 1, before = !after;
    const int64_t wide = window->corners[0] + 1, lines = window->corners[1];
    const int32_t *first = window->first[after], *first_before = window->first[before];
    const int32_t *last = window->last[after], *last_before = window->last[before];
    for (int64_t line = 0; line < lines; line++) {
        /* By the bits of a code; the first line of voxels is beyond the box. */
        int32_t to = most(most(last[line + 1], last[line]), most(last_before[line + 1], last_before[line]));
        if (!to) continue;
        int32_t from = least(least(first[line + 1], first[line]),
                             least(first_before[line + 1], first_before[line]));
        const uint8_t *a = window->voxel[after] + (line + 1) * wide, *b = a - wide;
        const uint8_t *c = window->voxel[before] + (line + 1) * wide, *d = c - wide;
        int64_t row = place * window->lines + window->margin + line;
        uint8_t *code = window->code[side] + row * window->stride + window->margin;
        /* The last corner lies after the last voxel. */
        to++;
        window->from[side][row] = from;
        window->to[side][row] = to;
        int64_t at = from;
        for (; at + 8 <= to; at += 8) {
            uint64_t word = eight(a + at + 1, b + at + 1, c + at + 1, d + at + 1) |
                            eight(a + at, b + at, c + at, d + at) << 4;
            memcpy(code + at, &word, 8);
        }
        if (at < to) {
            uint64_t word = eight(a + at + 1, b + at + 1, c + at + 1, d + at + 1) |
                            eight(a + at, b + at, c + at, d + at) << 4;
            uint8_t rest[8];
            memcpy(rest, &word, 8);
            for (int each = 0; at < to; each++) code[at++] = rest[each];
        }
    }
}

/* Code some layers of corners of a label in one map; the first of them is layer `base` of the window. */
static void lay_codes(Window *window, const Sorted *map, int side, int64_t label, int64_t begin,
                      int64_t end, int64_t base)
{
    int64_t run = map->begin[label], stop = map->begin[label + 1], low = run, high = stop;
    /* The first run that lies in the layer of voxels before the first layer of corners. */
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (map->run[middle].slow < window->low[2] + begin - 1)
            low = middle + 1;
        else
            high = middle;
    }
    run = low;
    int64_t before = run, here = paint_window(window, map, run, stop, begin - 1, 1);
    for (int64_t layer = begin; layer < end; layer++) {
        int64_t next = paint_window(window, map, here, stop, layer, 1);
        code_layer(window, side, layer, layer - base);
        paint_window(window, map, before, stop, layer - 1, 0);
        before = here;
        here = next;
    }
    paint_window(window, map, before, stop, end - 1, 0);
}

static void clear_codes(Window *window, int side, int64_t layers)
{
    for (int64_t row = 0; row < layers * window->lines; row++)
        if (window->to[side][row]) {
            uint8_t *code = window->code[side] + row * window->stride + window->margin;
            memset(code + window->from[side][row], 0,
                   (size_t)(window->to[side][row] - window->from[side][row]));
            window->to[side][row] = 0;
        }
}

/* What is asked for, and what is counted: by label, step and kind. */
typedef struct {
    const int64_t *step;
    const uint8_t *kind;
    int64_t steps, kinds, reach;
    int64_t *offset, *counts[2];
    Corners far[2], near[2]; /* whose surface is beyond the steps, and the corners of that surface */
} Asked;

/* Try the steps from each corner on one surface in some layers; where `asked` is none, list them. */
static int walk(const Window *window, int side, int64_t label, int64_t begin, int64_t end, int64_t base,
                const Asked *asked, Corners *list)
{
    const int64_t steps = asked ? asked->steps : 0, kinds = asked ? asked->kinds : 0;
    const int64_t *offset = asked ? asked->offset : NULL;
    const uint8_t *kind = asked ? asked->kind : NULL;
    int64_t *counts = asked ? asked->counts[side] + label * steps * kinds : NULL;
    for (int64_t layer = begin; layer < end; layer++)
        for (int64_t line = 0; line < window->corners[1]; line++) {
            int64_t row = (layer - base) * window->lines + window->margin + line;
            int64_t origin = row * window->stride + window->margin, to = window->to[side][row];
            const uint8_t *mine = window->code[side] + origin, *other = window->code[!side] + origin;
            for (int64_t at = window->from[side][row]; at < to; at += 8) {
                uint64_t word, there;
                memcpy(&word, mine + at, 8);
                uint64_t left = surfaces_in(word);
                if (asked && left) {
                    memcpy(&there, other + at, 8);
                    /* No step at all is the first one. */
                    for (uint64_t here = left & surfaces_in(there); here; here &= here - 1)
                        counts[kind[mine[at + byte_of(here)]]]++;
                    left &= ~surfaces_in(there);
                }
                /* All that are left at once, as long as there are several. */
                int64_t next = 1;
                for (; next < steps && left & (left - 1); next++) {
                    memcpy(&there, other + at + offset[next], 8);
                    uint64_t met = left & surfaces_in(there);
                    left &= ~met;
                    for (; met; met &= met - 1)
                        counts[next * kinds + kind[mine[at + byte_of(met)]]]++;
                }
                for (; left; left &= left - 1) {
                    int64_t corner = at + byte_of(left), found = next;
                    while (found < steps && !is_surface(other[corner + offset[found]])) found++;
                    if (found < steps)
                        counts[found * kinds + kind[mine[corner]]]++;
                    else if (list_corner(list, window->low[0] + corner, window->low[1] + line,
                                         window->low[2] + layer, label, mine[corner]) < 0)
                        return -2;
                }
            }
        }
    return 0;
}

/* Compare the surfaces of a label window by window. */
static int compare_label(Window *window, const Sorted *sorted, int64_t label, Asked *asked)
{
    int64_t reach = asked->reach, far[2] = {asked->far[0].used, asked->far[1].used};
    /* So wide that a word that begins in a line meets no other. */
    lay_box(window, sorted, label, larger(reach, 4));
    int64_t depth = window->corners[2];
    int64_t layers = WINDOW / (window->stride * window->lines) - 2 * reach;
    layers = smaller(larger(layers, 1), depth);
    if (make_window(window, layers + 2 * reach) < 0) return -2;
    for (int64_t at = 0; at < asked->steps; at++) {
        const int64_t *step = asked->step + 3 * at;
        asked->offset[at] = (step[2] * window->lines + step[1]) * window->stride + step[0];
    }
    int state = 0;
    for (int64_t begin = 0; begin < depth && !state; begin += layers) {
        int64_t end = smaller(begin + layers, depth), base = begin - reach;
        for (int side = 0; side < 2; side++)
            lay_codes(window, sorted + side, side, label, larger(base, 0), smaller(end + reach, depth),
                      base);
        for (int side = 0; side < 2 && !state; side++)
            state = walk(window, side, label, begin, end, base, asked, asked->far + side);
        for (int side = 0; side < 2; side++) clear_codes(window, side, layers + 2 * reach);
    }
    for (int side = 0; side < 2; side++)
        for (int64_t begin = 0; asked->far[!side].used > far[!side] && begin < depth && !state;
             begin += layers) {
            int64_t end = smaller(begin + layers, depth);
            lay_codes(window, sorted + side, side, label, begin, end, begin);
            state = walk(window, side, label, begin, end, begin, NULL, asked->near + side);
            clear_codes(window, side, layers);
        }
    return state;
}

static PyObject *listed(const Corners *list)
{
    return Py_BuildValue("(y#y#y#)", list->used ? (char *)list->place : "", (Py_ssize_t)(12 * list->used),
                         list->used ? (char *)list->label : "", (Py_ssize_t)(2 * list->used),
                         list->used ? (char *)list->code : "", (Py_ssize_t)list->used);
}

/* surface_steps(one, other, shape, labels, kind_of_code, steps, kinds, counts, counts) -> (far, near) of
   each: of corners that no step leads from place, label and code; and all corners of a label in which
   the other map has such. `one`, `other`: start, stop, label. */
static PyObject *surface_steps(PyObject *self, PyObject *args)
{
    PyObject *object[10], *result = NULL;
    Column c[10] = {{{0}}};
    long long fast, middle, slow, labels, kinds;
    Sorted sorted[2] = {{0}};
    Window window = {{0}};
    Asked asked = {0};
    int state = 0;
    if (!PyArg_ParseTuple(args, "(OOO)(OOO)(LLL)LOOLOO", &object[0], &object[1], &object[2], &object[3],
                          &object[4], &object[5], &fast, &middle, &slow, &labels, &object[6],
                          &object[7], &kinds, &object[8], &object[9]))
        return NULL;
    Shape shape = {fast, middle, slow};
    if (take_runs(object, c, 0) < 0 || take_runs(object + 3, c + 3, 0) < 0 ||
        take(object[6], &c[6], 'u', 1, 1, 0) < 0 || take(object[7], &c[7], 'i', 8, 8, 0) < 0 ||
        take(object[8], &c[8], 'i', 8, 8, 1) < 0 || take(object[9], &c[9], 'i', 8, 8, 1) < 0 ||
        check_shape(&shape) < 0)
        goto end;
    asked.kind = c[6].view.buf;
    asked.step = c[7].view.buf;
    asked.steps = c[7].n / 3;
    asked.kinds = kinds;
    int fine = labels > 0 && labels <= 65536 && fast < INT32_MAX && middle < INT32_MAX &&
               slow < INT32_MAX && c[6].n == 256 && asked.steps > 0 && c[7].n % 3 == 0 && kinds > 0 && kinds <= 256 &&
               c[8].n == labels * asked.steps * kinds && c[9].n == c[8].n;
    for (int at = 0; fine && at < 256; at++) fine = asked.kind[at] < kinds;
    for (int at = 0; fine && at < 3; at++) fine = !asked.step[at];
    for (int64_t at = 0; fine && at < c[7].n; at++) {
        fine = asked.step[at] > -1000 && asked.step[at] < 1000;
        if (fine) asked.reach = larger(asked.reach, asked.step[at] < 0 ? -asked.step[at] : asked.step[at]);
    }
    if (!fine) {
        PyErr_SetString(PyExc_ValueError, "the columns do not fit each other");
        goto end;
    }
    for (int side = 0; side < 2; side++) asked.counts[side] = c[8 + side].view.buf;
    asked.offset = malloc((size_t)asked.steps * 8 + 1);
    Py_BEGIN_ALLOW_THREADS state = asked.offset ? 0 : -2;
    for (int side = 0; side < 2 && !state; side++) {
        memset(asked.counts[side], 0, (size_t)c[8].n * 8);
        state = sort_by_label(c + 3 * side, &shape, labels, sorted + side);
    }
    for (int64_t label = 1; label < labels && !state; label++)
        if (sorted[0].begin[label + 1] > sorted[0].begin[label] &&
            sorted[1].begin[label + 1] > sorted[1].begin[label])
            state = compare_label(&window, sorted, label, &asked);
    Py_END_ALLOW_THREADS if (state == -2) PyErr_NoMemory();
    else if (state) PyErr_SetString(PyExc_ValueError, "the runs are not those of a volume");
    else result = Py_BuildValue("((NN)(NN))", listed(&asked.far[0]), listed(&asked.near[0]),
                                listed(&asked.far[1]), listed(&asked.near[1]));
end:
    free_window(&window);
    free(asked.offset);
    for (int side = 0; side < 2; side++) {
        free(sorted[side].run);
        free(sorted[side].begin);
        Corners *lists[2] = {asked.far + side, asked.near + side};
        for (int each = 0; each < 2; each++) {
            free(lists[each]->place);
            free(lists[each]->label);
            free(lists[each]->code);
        }
    }
    release(c, 10);
    return result;
}
