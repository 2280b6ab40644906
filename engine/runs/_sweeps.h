/* Passes over the runs of one map or several: count, join, sort by label, pick, refine. */

/* Take start, stop and label of runs. */
static int take_runs(PyObject *const *object, Column *c, int writable)
{
    if (take(object[0], &c[0], 'i', 4, 8, writable) < 0 ||
        take(object[1], &c[1], 'i', 4, 8, writable) < 0 ||
        take(object[2], &c[2], 'u', 2, 2, writable) < 0)
        return -1;
    return equally_long(c, 3);
}

static inline unsigned label_at(const Column *c, int64_t run)
{
    return ((const uint16_t *)c[2].view.buf)[run];
}

static inline void put_run(Column *c, int64_t at, int64_t start, int64_t stop, unsigned label)
{
    put(&c[0], at, start);
    put(&c[1], at, stop);
    ((uint16_t *)c[2].view.buf)[at] = (uint16_t)label;
}

/* Count ---------------------------------------------------------------------------------------- */

static PyObject *count(PyObject *self, PyObject *args)
{
    PyObject *object[4];
    Column c[4] = {{{0}}};
    int fine = 0;
    if (!PyArg_ParseTuple(args, "OOOO", &object[0], &object[1], &object[2], &object[3])) return NULL;
    if (take_runs(object, c, 0) == 0 && take(object[3], &c[3], 'i', 8, 8, 1) == 0) {
        int64_t *voxels = c[3].view.buf;
        fine = 1;
        Py_BEGIN_ALLOW_THREADS for (int64_t run = 0; fine && run < c[0].n; run++)
        {
            unsigned label = label_at(c, run);
            fine = label < c[3].n;
            /* Without sign, for senseless positions must not overflow. */
            if (fine)
                voxels[label] = (int64_t)((uint64_t)voxels[label] + (uint64_t)signed_at(&c[1], run) -
                                          (uint64_t)signed_at(&c[0], run));
        }
        Py_END_ALLOW_THREADS if (!fine)
            PyErr_SetString(PyExc_ValueError, "a label is outside of the columns");
    }
    release(c, 4);
    if (!fine) return NULL;
    Py_RETURN_NONE;
}

/* Join ----------------------------------------------------------------------------------------- */

/* Leave out runs without a label or a voxel and join equal ones that touch within a line; count what
   is left, and write it where there are columns. -1 if it does not fit. */
static int64_t join_into(const Column *c, int64_t line, Column *out)
{
    int64_t found = 0, from = 0, to = 0;
    unsigned own = 0;
    for (int64_t run = 0; run <= c[0].n; run++) {
        int64_t start = 0, stop = 0;
        unsigned label = 0;
        if (run < c[0].n) {
            label = label_at(c, run);
            start = signed_at(&c[0], run);
            stop = signed_at(&c[1], run);
            if (!label || stop <= start) continue;
            if (own == label && to == start && start % line) {
                to = stop;
                continue;
            }
        }
        if (own) {
            if (out && found >= out[0].n) return -1;
            if (out) put_run(out, found, from, to, own);
            found++;
        }
        from = start;
        to = stop;
        own = label;
    }
    return found;
}

static PyObject *join(PyObject *self, PyObject *args)
{
    PyObject *object[6] = {NULL, NULL, NULL, NULL, NULL, NULL};
    long long line;
    Column c[6] = {{{0}}};
    int64_t found = -1;
    if (!PyArg_ParseTuple(args, "OOOL|OOO", &object[0], &object[1], &object[2], &line, &object[3],
                          &object[4], &object[5]))
        return NULL;
    Column *out = object[3] ? c + 3 : NULL;
    if (out && !object[5])
        PyErr_SetString(PyExc_TypeError, "three columns to write are needed");
    else if (line < 1)
        PyErr_SetString(PyExc_ValueError, "a line has at least one voxel");
    else if (take_runs(object, c, 0) == 0 && (!out || take_runs(object + 3, out, 1) == 0)) {
        Py_BEGIN_ALLOW_THREADS found = join_into(c, line, out);
        Py_END_ALLOW_THREADS if (found < 0 || (out && found != out[0].n))
        {
            PyErr_SetString(PyExc_ValueError, "the columns have another length than the runs");
            found = -1;
        }
    }
    release(c, 6);
    return found < 0 ? NULL : PyLong_FromLongLong(found);
}

/* Pick ----------------------------------------------------------------------------------------- */

/* Write the runs whose label has a next row, in their order, and the row of each: the rows of a label
   follow one another. Also the other way round: each run in its row, and the row of each run. */
static int64_t pick_into(const Column *c, int64_t *next, int64_t labels, Column *out, int by_row)
{
    int64_t found = 0;
    for (int64_t run = 0; run < c[0].n; run++) {
        unsigned label = label_at(c, run);
        if (label >= labels) return -1;
        if (next[label] < 0) continue;
        int64_t own = next[label]++, at = by_row ? own : found;
        if (own >= out[0].n || found >= out[0].n) return -1;
        put_run(out, at, signed_at(&c[0], run), signed_at(&c[1], run), label);
        put(&out[3], found++, own);
    }
    return found;
}

static PyObject *pick(PyObject *self, PyObject *args)
{
    PyObject *object[8];
    Column c[8] = {{{0}}};
    int by_row, fine = 0;
    if (!PyArg_ParseTuple(args, "OOOOiOOOO", &object[0], &object[1], &object[2], &object[3], &by_row,
                          &object[4], &object[5], &object[6], &object[7]))
        return NULL;
    if (take_runs(object, c, 0) == 0 && take(object[3], &c[3], 'i', 8, 8, 1) == 0 &&
        take_runs(object + 4, c + 4, 1) == 0 && take(object[7], &c[7], 'i', 4, 8, 1) == 0 &&
        equally_long(c + 4, 4) == 0) {
        Py_BEGIN_ALLOW_THREADS fine =
            pick_into(c, c[3].view.buf, c[3].n, c + 4, by_row) == c[4].n;
        Py_END_ALLOW_THREADS if (!fine)
            PyErr_SetString(PyExc_ValueError, "the columns have another length than the runs");
    }
    release(c, 8);
    if (!fine) return NULL;
    Py_RETURN_NONE;
}

/* Refine --------------------------------------------------------------------------------------- */

enum { MOST_MAPS = 1024 };

/* Cut where any map changes, and write the stretches where one has a label, or, where only what differs
   is asked for, where not all have the same. -1 if they do not fit. */
static int64_t refine_into(const Column *c, int64_t maps, int differing, Column *out)
{
    uint16_t *labels = out[2].view.buf;
    int64_t at[MOST_MAPS] = {0}, found = 0, position = INT64_MAX;
    uint16_t here[MOST_MAPS];
    for (int64_t map = 0; map < maps; map++)
        if (c[3 * map].n) position = smaller(position, signed_at(&c[3 * map], 0));
    for (;;) {
        int64_t next = INT64_MAX;
        int any = 0, apart = 0;
        for (int64_t map = 0; map < maps; map++) {
            const Column *own = c + 3 * map;
            while (at[map] < own->n && signed_at(own + 1, at[map]) <= position) at[map]++;
            here[map] = 0;
            if (at[map] < own->n) {
                int64_t start = signed_at(own, at[map]);
                if (start <= position) here[map] = (uint16_t)label_at(own, at[map]);
                next = smaller(next, start > position ? start : signed_at(own + 1, at[map]));
            }
            any |= here[map];
            apart |= here[map] != here[0];
        }
        if (next == INT64_MAX) return found;
        if (differing ? apart : any) {
            if (found >= out[0].n) return -1;
            put(&out[0], found, position);
            put(&out[1], found, next);
            for (int64_t map = 0; map < maps; map++) labels[map * out[0].n + found] = here[map];
            found++;
        }
        position = next;
    }
}

/* refine(maps, differing, start, stop, labels) -> how many; `maps`: (start, stop, label) of each, and
   `labels` has a row as long as `start` for each of them. */
static PyObject *refine(PyObject *self, PyObject *args)
{
    PyObject *given, *object[3];
    int differing;
    int64_t found = -1;
    if (!PyArg_ParseTuple(args, "O!iOOO", &PyTuple_Type, &given, &differing, &object[0], &object[1],
                          &object[2]))
        return NULL;
    Py_ssize_t maps = PyTuple_GET_SIZE(given);
    if (maps < 1 || maps > MOST_MAPS) {
        PyErr_SetString(PyExc_ValueError, "there are too few maps or too many");
        return NULL;
    }
    Column *c = calloc((size_t)(3 * maps + 3), sizeof(Column)), *out = c + 3 * maps;
    if (!c) return PyErr_NoMemory();
    int taken = 1;
    for (Py_ssize_t map = 0; taken && map < maps; map++) {
        PyObject *run[3], *columns = PyTuple_GET_ITEM(given, map);
        taken = PyTuple_Check(columns) &&
                PyArg_ParseTuple(columns, "OOO", &run[0], &run[1], &run[2]) &&
                take_runs(run, c + 3 * map, 0) == 0;
    }
    if (!taken && !PyErr_Occurred())
        PyErr_SetString(PyExc_TypeError, "a map is a tuple of start, stop and label");
    if (taken && take(object[0], &out[0], 'i', 4, 8, 1) == 0 &&
        take(object[1], &out[1], 'i', 4, 8, 1) == 0 && take(object[2], &out[2], 'u', 2, 2, 1) == 0) {
        if (out[1].n != out[0].n || out[2].n / maps != out[0].n || out[2].n % maps)
            PyErr_SetString(PyExc_ValueError, "the columns differ in length");
        else {
            Py_BEGIN_ALLOW_THREADS found = refine_into(c, maps, differing, out);
            Py_END_ALLOW_THREADS if (found < 0)
                PyErr_SetString(PyExc_ValueError, "the columns are too short");
        }
    }
    release(c, (int)(3 * maps + 3));
    free(c);
    return found < 0 ? NULL : PyLong_FromLongLong(found);
}

/* Background ----------------------------------------------------------------------------------- */

/* Write the stretches without a label, none of which crosses a line. -1 if they do not fit. */
static int64_t background_into(const Column *c, int64_t line, int64_t size, Column *out)
{
    int64_t found = 0, position = 0, end = line;
    for (int64_t run = 0; run <= c[0].n; run++) {
        int64_t start = run < c[0].n ? signed_at(&c[0], run) : size;
        while (position < start) {
            int64_t stop = smaller(start, end);
            if (found >= out[0].n) return -1;
            put(&out[0], found, position);
            put(&out[1], found++, stop);
            position = stop;
            if (position == end) end += line;
        }
        if (run < c[0].n) position = signed_at(&c[1], run);
        while (position >= end && end < size) end += line;
    }
    return found;
}

static PyObject *background(PyObject *self, PyObject *args)
{
    PyObject *object[4];
    Column c[4] = {{{0}}};
    long long line, size;
    int64_t found = -1;
    if (!PyArg_ParseTuple(args, "OOLLOO", &object[0], &object[1], &line, &size, &object[2],
                          &object[3]))
        return NULL;
    if (line < 1 || size < 0)
        PyErr_SetString(PyExc_ValueError, "a line has at least one voxel");
    else if (take(object[0], &c[0], 'i', 4, 8, 0) == 0 && take(object[1], &c[1], 'i', 4, 8, 0) == 0 &&
             take(object[2], &c[2], 'i', 4, 8, 1) == 0 && take(object[3], &c[3], 'i', 4, 8, 1) == 0 &&
             equally_long(c, 2) == 0 && equally_long(c + 2, 2) == 0) {
        Py_BEGIN_ALLOW_THREADS found = background_into(c, line, size, c + 2);
        Py_END_ALLOW_THREADS if (found < 0)
            PyErr_SetString(PyExc_ValueError, "the columns are too short");
    }
    release(c, 4);
    return found < 0 ? NULL : PyLong_FromLongLong(found);
}
