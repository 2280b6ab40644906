/* The same as the numpy code of this folder, faster: decode, measures, overlaps; voxels to runs in
   `_encode.h`, sweeps over runs in `_sweeps.h`, the merge of several maps in `_merge.h`, components
   and contacts in `_neighbours.h`, distances of points in `_distances.h`, of surfaces in
   `_surfaces.h`.

   Every function takes one-dimensional arrays through the buffer protocol and checks their types and
   lengths; what it writes lies in arrays of the caller. Positions are int32 or int64. The values in
   the arrays are not trusted where they become an index. */

#include "_columns.h"

#include "_encode.h"
#include "_sweeps.h"

#include "_merge.h"
#include "_neighbours.h"

#include "_distances.h"
#include "_surfaces.h"

/* Decode ------------------------------------------------------------------------------------- */

static PyObject *fill(PyObject *self, PyObject *args)
{
    PyObject *object[4];
    long long begin;
    Column c[4] = {{{0}}};
    int fine = 0;
    if (!PyArg_ParseTuple(args, "OOOLO", &object[0], &object[1], &object[2], &begin, &object[3]))
        return NULL;
    if (take(object[0], &c[0], 'i', 4, 8, 0) == 0 && take(object[1], &c[1], 'i', 4, 8, 0) == 0 &&
        take(object[2], &c[2], 'u', 2, 2, 0) == 0 && take(object[3], &c[3], 'u', 1, 2, 1) == 0 &&
        equally_long(c, 3) == 0) {
        fine = 1;
        Py_BEGIN_ALLOW_THREADS const uint16_t *labels = c[2].view.buf;
        uint8_t *bytes = c[3].view.buf;
        uint16_t *words = c[3].view.buf;
        int64_t done = 0;
        for (int64_t run = 0; run <= c[0].n; run++) {
            int last = run == c[0].n;
            int64_t from = last ? c[3].n : signed_at(&c[0], run) - begin;
            int64_t to = last ? c[3].n : signed_at(&c[1], run) - begin;
            from = smaller(larger(from, done), c[3].n);
            to = smaller(larger(to, from), c[3].n);
            memset(bytes + done * c[3].size, 0, (size_t)((from - done) * c[3].size));
            if (!last && c[3].size == 1) memset(bytes + from, labels[run], (size_t)(to - from));
            if (!last && c[3].size == 2)
                for (int64_t at = from; at < to; at++) words[at] = labels[run];
            done = to;
        }
        Py_END_ALLOW_THREADS
    }
    release(c, 4);
    if (!fine) return NULL;
    Py_RETURN_NONE;
}

/* Measures ----------------------------------------------------------------------------------- */

/* Sum up the runs of each group: voxels; and by fast, middle, slow axis the smallest index, one more
   than the largest, and the sum of indices. -1 if a group is outside of the columns. */
static int sum_up(const Column *c, const Shape *shape)
{
    int64_t *voxels = c[3].view.buf, *lo = c[4].view.buf, *hi = c[5].view.buf, *sum = c[6].view.buf;
    for (int64_t group = 0; group < c[3].n; group++) voxels[group] = 0;
    memset(lo, 0, (size_t)c[4].n * 8);
    memset(hi, 0, (size_t)c[5].n * 8);
    memset(sum, 0, (size_t)c[6].n * 8);
    Place line = first_line(shape->fast, shape->middle);
    for (int64_t run = 0; run < c[0].n; run++) {
        int64_t group = signed_at(&c[2], run);
        if (group < 0) continue;
        if (group >= c[3].n) return -1;
        int64_t start = signed_at(&c[0], run), length = signed_at(&c[1], run) - start;
        seek(&line, start);
        int64_t low[3] = {start - line.begin, line.row, line.layer};
        int64_t high[3] = {low[0] + length, low[1] + 1, low[2] + 1};
        /* Without sign, for senseless positions must not overflow. */
        uint64_t many = (uint64_t)length, twice = (uint64_t)(low[0] + high[0] - 1) * many;
        uint64_t sums[3] = {(uint64_t)((int64_t)twice / 2), (uint64_t)low[1] * many,
                            (uint64_t)low[2] * many};
        int first = !voxels[group];
        voxels[group] += length;
        for (int axis = 0; axis < 3; axis++) {
            int64_t at = 3 * group + axis;
            lo[at] = first ? low[axis] : smaller(lo[at], low[axis]);
            hi[at] = first ? high[axis] : larger(hi[at], high[axis]);
            sum[at] = (int64_t)((uint64_t)sum[at] + sums[axis]);
        }
    }
    return 0;
}

static PyObject *measure(PyObject *self, PyObject *args)
{
    PyObject *object[7];
    long long fast, middle, slow;
    Column c[7] = {{{0}}};
    int fine = 0;
    if (!PyArg_ParseTuple(args, "OOO(LLL)OOOO", &object[0], &object[1], &object[2], &fast, &middle,
                          &slow, &object[3], &object[4], &object[5], &object[6]))
        return NULL;
    Shape shape = {fast, middle, slow};
    int taken = take(object[0], &c[0], 'i', 4, 8, 0) == 0 &&
                take(object[1], &c[1], 'i', 4, 8, 0) == 0 &&
                take(object[2], &c[2], 'i', 4, 8, 0) == 0;
    for (int at = 3; at < 7; at++) taken = taken && take(object[at], &c[at], 'i', 8, 8, 1) == 0;
    if (taken && equally_long(c, 3) == 0 && check_shape(&shape) == 0) {
        if (c[4].n / 3 != c[3].n || c[4].n % 3 || c[5].n != c[4].n || c[6].n != c[4].n)
            PyErr_SetString(PyExc_ValueError, "the columns differ in length");
        else {
            Py_BEGIN_ALLOW_THREADS fine = sum_up(c, &shape) == 0;
            Py_END_ALLOW_THREADS if (!fine)
                PyErr_SetString(PyExc_ValueError, "a group is outside of the columns");
        }
    }
    release(c, 7);
    if (!fine) return NULL;
    Py_RETURN_NONE;
}

/* Overlaps ----------------------------------------------------------------------------------- */

/* Add the voxels that runs of two maps share to the count of their labels; -1 where there is none. */
static int count_overlaps(const Column *c, int64_t columns)
{
    const uint16_t *one = c[2].view.buf, *other = c[5].view.buf;
    int64_t *voxels = c[6].view.buf, rows = c[6].n / columns, at = 0;
    for (int64_t run = 0; run < c[0].n; run++) {
        int64_t start = signed_at(&c[0], run), stop = signed_at(&c[1], run);
        while (at < c[3].n && signed_at(&c[4], at) <= start) at++;
        for (int64_t next = at; next < c[3].n; next++) {
            int64_t from = larger(start, signed_at(&c[3], next)), to = smaller(stop, signed_at(&c[4], next));
            if (from >= stop) break;
            if (to <= from) continue;
            if (one[run] >= rows || other[next] >= columns) return -1;
            voxels[one[run] * columns + other[next]] += to - from;
            if (signed_at(&c[4], next) >= stop) break;
        }
    }
    return 0;
}

static PyObject *overlaps(PyObject *self, PyObject *args)
{
    PyObject *object[7];
    Column c[7] = {{{0}}};
    long long columns;
    int fine = 0;
    if (!PyArg_ParseTuple(args, "OOOOOOLO", &object[0], &object[1], &object[2], &object[3], &object[4],
                          &object[5], &columns, &object[6]))
        return NULL;
    for (int at = 0; at < 6; at++)
        if (take(object[at], &c[at], at % 3 == 2 ? 'u' : 'i', at % 3 == 2 ? 2 : 4, at % 3 == 2 ? 2 : 8, 0) < 0)
            goto end;
    if (take(object[6], &c[6], 'i', 8, 8, 1) < 0 || equally_long(c, 3) < 0 || equally_long(c + 3, 3) < 0)
        goto end;
    if (columns < 1 || c[6].n % columns)
        PyErr_SetString(PyExc_ValueError, "the counts are no table");
    else {
        Py_BEGIN_ALLOW_THREADS fine = count_overlaps(c, columns) == 0;
        Py_END_ALLOW_THREADS if (!fine) PyErr_SetString(PyExc_ValueError, "a label is outside of the table");
    }
end:
    release(c, 7);
    if (!fine) return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"encode", encode, METH_VARARGS,
     "encode(voxels, line, first, start, stop, label, place) -> int"},
    {"fill", fill, METH_VARARGS, "fill(start, stop, label, begin, voxels)"},
    {"components", components, METH_VARARGS,
     "components(start, stop, key, shape, connectivity, number) -> int"},
    {"contacts", contacts, METH_VARARGS,
     "contacts(start, stop, row, rows, shape, connectivity) -> (pairs, faces)"},
    {"measure", measure, METH_VARARGS,
     "measure(start, stop, group, shape, voxels, lo, hi, index_sum)"},
    {"overlaps", overlaps, METH_VARARGS,
     "overlaps(start, stop, label, start, stop, label, columns, voxels)"},
    {"surface_steps", surface_steps, METH_VARARGS,
     "surface_steps(one, other, shape, labels, kind_of_code, steps, kinds, counts, counts) -> "
     "((far, near), (far, near))"},
    {"nearest", nearest, METH_VARARGS, "nearest(points, places, group, axes, limit, slack, best, away)"},
    {"count", count, METH_VARARGS, "count(start, stop, label, voxels)"},
    {"join", join, METH_VARARGS, "join(start, stop, label, line[, start, stop, label]) -> int"},
    {"pick", pick, METH_VARARGS,
     "pick(start, stop, label, next, by_row, start, stop, label, row)"},
    {"refine", refine, METH_VARARGS, "refine(maps, differing, start, stop, labels) -> int"},
    {"background", background, METH_VARARGS,
     "background(start, stop, line, size, start, stop) -> int"},
    {"merge", merge, METH_VARARGS,
     "merge(maps, rank, line, start, stop, label, pairs, cells) -> int"},
    {NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_kernels",
                                    "What the numpy code of this folder does, faster.", -1,
                                    methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernels(void) { return PyModule_Create(&module); }
