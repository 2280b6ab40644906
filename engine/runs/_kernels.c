/* The same as the numpy code of this folder, faster: decode, components, contacts, measures, overlaps,
   distances; voxels to runs in `_encode.h`, sweeps over runs in `_sweeps.h`, surfaces in
   `_surfaces.h`, the merge of several maps in `_merge.h`.

   Every function takes one-dimensional arrays through the buffer protocol and checks their types and
   lengths; what it writes lies in arrays of the caller. Positions are int32 or int64. The values in
   the arrays are not trusted where they become an index. */

#include "_columns.h"

#include "_encode.h"
#include "_sweeps.h"

#include "_merge.h"

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

/* Neighbours --------------------------------------------------------------------------------- */

typedef struct {
    int64_t fast, middle, slow;
} Shape;

static int check_shape(const Shape *shape)
{
    const int64_t most = (int64_t)1 << 40;
    if (shape->fast < 1 || shape->middle < 1 || shape->slow < 1 || shape->fast > most ||
        shape->middle > most / shape->fast || shape->slow > most / shape->fast / shape->middle) {
        PyErr_SetString(PyExc_ValueError, "the shape is not one of a volume");
        return -1;
    }
    return 0;
}

/* Move a run of a line to another line and widen it there; 0 where that is not in the grid. */
static inline int moved(int64_t start, int64_t stop, Place *line, const Shape *shape, int64_t middle,
                        int64_t slow, int64_t low, int64_t high, int64_t *begin, int64_t *end)
{
    seek(line, start);
    int64_t row = line->row + middle, layer = line->layer + slow;
    if (row < 0 || row >= shape->middle || layer < 0 || layer >= shape->slow) return 0;
    int64_t to = (layer * shape->middle + row) * shape->fast, shift = to - line->begin;
    *begin = larger(start + shift + low, to);
    *end = smaller(stop + shift + high, to + shape->fast);
    return *end > *begin;
}

static inline int32_t root(int32_t *parent, int32_t at)
{
    while (parent[at] != at) at = parent[at] = parent[parent[at]];
    return at;
}

static inline void link_runs(int32_t *parent, int32_t one, int32_t other)
{
    one = root(parent, one);
    other = root(parent, other);
    if (one < other)
        parent[other] = one;
    else
        parent[one] = other;
}

static inline void join_sized(const Column *c, const Shape *shape, int connectivity,
                              int32_t *parent, int size)
{
    const uint16_t *key = c[2].view.buf;
    const int64_t n = c[0].n;
    const int64_t steps[4][2] = {{1, 0}, {0, 1}, {1, 1}, {-1, 1}};
    for (int64_t run = 1; run < n; run++)
        if (key[run] == key[run - 1] && sized_at(&c[0], run, size) == sized_at(&c[1], run - 1, size) &&
            sized_at(&c[0], run, size) % shape->fast)
            link_runs(parent, (int32_t)run, (int32_t)(run - 1));
    for (int step = 0; step < (connectivity == 6 ? 2 : 4); step++) {
        int64_t wide = connectivity == 26 || (connectivity == 18 && step < 2), first = 0;
        Place line = first_line(shape->fast, shape->middle);
        for (int64_t run = 0; run < n; run++) {
            int64_t begin, end;
            if (!moved(sized_at(&c[0], run, size), sized_at(&c[1], run, size), &line, shape,
                       steps[step][0], steps[step][1], -wide, wide, &begin, &end))
                continue;
            while (first < n && sized_at(&c[1], first, size) <= begin) first++;
            for (int64_t at = first; at < n && sized_at(&c[0], at, size) < end; at++)
                if (key[at] == key[run]) link_runs(parent, (int32_t)run, (int32_t)at);
        }
    }
}

static void join_runs(const Column *c, const Shape *shape, int connectivity, int32_t *parent)
{
    if (c[0].size == 4 && c[1].size == 4)
        join_sized(c, shape, connectivity, parent, 4);
    else if (c[0].size == 8 && c[1].size == 8)
        join_sized(c, shape, connectivity, parent, 8);
}

static PyObject *components(PyObject *self, PyObject *args)
{
    PyObject *object[4];
    long long fast, middle, slow;
    int connectivity;
    Column c[4] = {{{0}}};
    int64_t found = -1;
    if (!PyArg_ParseTuple(args, "OOO(LLL)iO", &object[0], &object[1], &object[2], &fast, &middle,
                          &slow, &connectivity, &object[3]))
        return NULL;
    Shape shape = {fast, middle, slow};
    if (take(object[0], &c[0], 'i', 4, 8, 0) == 0 && take(object[1], &c[1], 'i', 4, 8, 0) == 0 &&
        take(object[2], &c[2], 'u', 2, 2, 0) == 0 && take(object[3], &c[3], 'i', 4, 4, 1) == 0 &&
        equally_long(c, 4) == 0 && check_shape(&shape) == 0) {
        if (connectivity != 6 && connectivity != 18 && connectivity != 26)
            PyErr_SetString(PyExc_ValueError, "the connectivity must be 6, 18 or 26");
        else if (c[0].size != c[1].size)
            PyErr_SetString(PyExc_TypeError, "the positions are not of one type");
        else if (c[0].n >= INT32_MAX)
            PyErr_SetString(PyExc_OverflowError, "there are too many runs");
        else {
            int32_t *parent = malloc((size_t)(c[0].n + 1) * sizeof(int32_t));
            if (!parent)
                PyErr_NoMemory();
            else {
                Py_BEGIN_ALLOW_THREADS int32_t *number = c[3].view.buf;
                for (int64_t run = 0; run < c[0].n; run++) parent[run] = (int32_t)run;
                join_runs(c, &shape, connectivity, parent);
                found = 0;
                /* The root of a component is its first run. */
                for (int64_t run = 0; run < c[0].n; run++)
                    number[run] = parent[run] == run ? (int32_t)found++
                                                     : number[root(parent, (int32_t)run)];
                free(parent);
                Py_END_ALLOW_THREADS
            }
        }
    }
    release(c, 4);
    return found < 0 ? NULL : PyLong_FromLongLong(found);
}

/* Contacts ----------------------------------------------------------------------------------- */

typedef struct {
    int64_t *pair, *faces; /* pair -1 where a place is free */
    int64_t places, used;  /* places: a power of two */
} Table;

static int make_table(Table *table, int64_t places)
{
    table->places = places;
    table->used = 0;
    table->pair = malloc((size_t)places * sizeof(int64_t));
    table->faces = calloc((size_t)places, sizeof(int64_t));
    if (!table->pair || !table->faces) return -1;
    memset(table->pair, 0xff, (size_t)places * sizeof(int64_t));
    return 0;
}

static void free_table(Table *table)
{
    free(table->pair);
    free(table->faces);
}

static int add(Table *table, int64_t pair, int64_t faces)
{
    if (2 * table->used >= table->places) {
        Table wider;
        if (table->places > INT64_MAX / 64 || make_table(&wider, 2 * table->places) < 0) return -1;
        for (int64_t at = 0; at < table->places; at++)
            if (table->pair[at] >= 0) add(&wider, table->pair[at], table->faces[at]);
        free_table(table);
        *table = wider;
    }
    uint64_t at = ((uint64_t)pair * UINT64_C(0x9E3779B97F4A7C15)) >> 20;
    for (at &= (uint64_t)table->places - 1; table->pair[at] != pair;
         at = (at + 1) & ((uint64_t)table->places - 1))
        if (table->pair[at] < 0) {
            table->pair[at] = pair;
            table->used++;
            break;
        }
    table->faces[at] += faces;
    return 0;
}

/* Count what runs border on after a step; between runs only where `both`. */
static int count_step(const Column *c, const Shape *shape, const int64_t *step, int64_t rows,
                      int both, Table *table)
{
    const int64_t n = c[0].n;
    int64_t first = 0;
    Place line = first_line(shape->fast, shape->middle);
    for (int64_t run = 0; run < n; run++) {
        int64_t begin, end, own = signed_at(&c[2], run), covered = 0;
        if (!moved(signed_at(&c[0], run), signed_at(&c[1], run), &line, shape, step[1], step[2],
                   step[0], step[0], &begin, &end))
            continue;
        while (first < n && signed_at(&c[1], first) <= begin) first++;
        for (int64_t at = first; at < n && signed_at(&c[0], at) < end; at++) {
            int64_t voxels = smaller(end, signed_at(&c[1], at)) -
                             larger(begin, signed_at(&c[0], at));
            int64_t other = signed_at(&c[2], at);
            covered += voxels;
            if (both && other != own && voxels > 0 &&
                add(table, smaller(own, other) * rows + larger(own, other), voxels) < 0)
                return -1;
        }
        if (end - begin > covered && add(table, own, end - begin - covered) < 0) return -1;
    }
    return 0;
}

static PyObject *contacts(PyObject *self, PyObject *args)
{
    PyObject *object[3], *result = NULL;
    long long fast, middle, slow, rows;
    int connectivity, failed = 0;
    Column c[3] = {{{0}}};
    static const int64_t steps[13][3] = {
        {1, 0, 0},  {0, 1, 0},  {0, 0, 1}, {1, 1, 0},  {-1, 1, 0}, {1, 0, 1},  {-1, 0, 1},
        {0, 1, 1},  {0, -1, 1}, {1, 1, 1}, {-1, 1, 1}, {1, -1, 1}, {-1, -1, 1}};
    if (!PyArg_ParseTuple(args, "OOOL(LLL)i", &object[0], &object[1], &object[2], &rows, &fast,
                          &middle, &slow, &connectivity))
        return NULL;
    Shape shape = {fast, middle, slow};
    if (take(object[0], &c[0], 'i', 4, 8, 0) == 0 && take(object[1], &c[1], 'i', 4, 8, 0) == 0 &&
        take(object[2], &c[2], 'i', 8, 8, 0) == 0 && equally_long(c, 3) == 0 &&
        check_shape(&shape) == 0) {
        int64_t lowest = 1, highest = 0;
        for (int64_t run = 0; run < c[0].n; run++) {
            lowest = smaller(lowest, signed_at(&c[2], run));
            highest = larger(highest, signed_at(&c[2], run));
        }
        Table table = {NULL, NULL, 0, 0};
        if (connectivity != 6 && connectivity != 18 && connectivity != 26)
            PyErr_SetString(PyExc_ValueError, "the connectivity must be 6, 18 or 26");
        else if (rows > INT32_MAX || lowest < 1 || highest >= rows)
            PyErr_SetString(PyExc_ValueError, "a row is outside of the table");
        else if (make_table(&table, 1 << 12) < 0)
            PyErr_NoMemory();
        else {
            Py_BEGIN_ALLOW_THREADS int half = connectivity / 2;
            for (int at = 0; at < half && !failed; at++) {
                int64_t back[3] = {-steps[at][0], -steps[at][1], -steps[at][2]};
                failed = count_step(c, &shape, steps[at], rows, 1, &table) < 0 ||
                         count_step(c, &shape, back, rows, 0, &table) < 0;
            }
            Py_END_ALLOW_THREADS if (failed) PyErr_NoMemory();
            else
            {
                int64_t kept = 0;
                for (int64_t at = 0; at < table.places; at++)
                    if (table.pair[at] >= 0) {
                        table.pair[kept] = table.pair[at];
                        table.faces[kept++] = table.faces[at];
                    }
                result = Py_BuildValue("(y#y#)", (char *)table.pair, (Py_ssize_t)(kept * 8),
                                       (char *)table.faces, (Py_ssize_t)(kept * 8));
            }
        }
        free_table(&table);
    }
    release(c, 3);
    return result;
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

#include "_surfaces.h"

/* Distances ---------------------------------------------------------------------------------- */

enum { LEAF = 12, MOST_AXES = 4, SEED = 32 };

/* A stretch of points: the box around them, and where it is parted in the middle. */
typedef struct {
    double low[MOST_AXES], high[MOST_AXES], cut;
    int axis, ready;
} Node;

/* Points, sorted so that the ones before the middle of each stretch lie on one side of it. The halves
   of the stretch of node n are nodes 2 n + 1 and 2 n + 2. A stretch is boxed and parted when it is first
   looked at: few places look at few of them. */
typedef struct {
    int64_t axes;
    double *place; /* of each point, one axis after the other */
    Node *node;
} Tree;

static void exchange(double *one, double *other, int64_t axes)
{
    for (int64_t axis = 0; axis < axes; axis++) {
        double kept = one[axis];
        one[axis] = other[axis];
        other[axis] = kept;
    }
}

/* Move the points of a stretch until those before `middle` are not beyond it along an axis. What is
   no number is never beyond, so both ends are watched. */
static void part_at(Tree *tree, int64_t begin, int64_t end, int64_t middle, int64_t axis)
{
    int64_t low = begin, high = end - 1, axes = tree->axes;
    while (low < high) {
        double pivot = tree->place[axes * (low + (high - low) / 2) + axis];
        int64_t left = low, right = high;
        while (left <= right) {
            while (left < high && tree->place[axes * left + axis] < pivot) left++;
            while (right > low && tree->place[axes * right + axis] > pivot) right--;
            if (left > right) break;
            exchange(tree->place + axes * left++, tree->place + axes * right--, axes);
        }
        if (middle <= right)
            high = right;
        else if (middle >= left)
            low = left;
        else
            return;
    }
}

static int64_t count_nodes(int64_t points)
{
    int64_t nodes = 1;
    for (; points > LEAF; points -= points / 2) nodes = 2 * nodes + 1;
    return nodes;
}

static void box_and_part(Tree *tree, int64_t number, int64_t begin, int64_t end)
{
    int64_t middle = begin + (end - begin) / 2, axes = tree->axes;
    Node *node = tree->node + number;
    double spread = -1;
    node->ready = 1;
    for (int64_t axis = 0; axis < axes; axis++) {
        /* What is no number widens nothing: it is near to nothing. */
        double low = HUGE_VAL, high = -HUGE_VAL;
        for (int64_t at = begin; at < end; at++) {
            double here = tree->place[axes * at + axis];
            low = here < low ? here : low;
            high = here > high ? here : high;
        }
        node->low[axis] = low;
        node->high[axis] = high;
        if (high - low > spread) {
            spread = high - low;
            node->axis = (int)axis;
        }
    }
    if (end - begin <= LEAF) return;
    part_at(tree, begin, end, middle, node->axis);
    node->cut = tree->place[axes * middle + node->axis];
}

/* Return the square of the distance to the nearest point if it is below `best`, else `best`. The
   distance to a box is summed as those to points are, so that rounding puts no point nearer. */
static double nearer(Tree *tree, int64_t number, int64_t begin, int64_t end, const double *at,
                     double best)
{
    int64_t axes = tree->axes;
    for (;;) {
        const Node *node = tree->node + number;
        if (!node->ready) box_and_part(tree, number, begin, end);
        double away = 0;
        for (int64_t axis = 0; axis < axes; axis++) {
            double apart = at[axis] < node->low[axis]    ? node->low[axis] - at[axis]
                           : at[axis] > node->high[axis] ? at[axis] - node->high[axis]
                                                         : 0;
            away += apart * apart;
        }
        if (away >= best) return best;
        if (end - begin <= LEAF) break;
        int64_t middle = begin + (end - begin) / 2;
        if (at[node->axis] < node->cut) {
            best = nearer(tree, 2 * number + 1, begin, middle, at, best);
            number = 2 * number + 2;
            begin = middle;
        } else {
            best = nearer(tree, 2 * number + 2, middle, end, at, best);
            number = 2 * number + 1;
            end = middle;
        }
    }
    for (int64_t point = begin; point < end; point++) {
        double square = 0;
        for (int64_t axis = 0; axis < axes; axis++) {
            double apart = at[axis] - tree->place[axes * point + axis];
            square += apart * apart;
        }
        if (square < best) best = square;
    }
    return best;
}

static double apart(const double *one, const double *other, int64_t axes)
{
    double square = 0;
    for (int64_t axis = 0; axis < axes; axis++)
        square += (one[axis] - other[axis]) * (one[axis] - other[axis]);
    return sqrt(square);
}

/* Find how far the first of every few places are, or all others. 0 if a group is outside of the
   columns. */
static int ask_places(Tree *tree, int64_t points, const Column *c, double limit, double slack,
                      int others)
{
    const double *at = c[1].view.buf;
    const int64_t *group = c[2].view.buf;
    double *best = c[3].view.buf, *away = c[4].view.buf;
    int64_t before = -1;
    for (int64_t place = others; place < c[2].n; place += others ? 1 : SEED) {
        if (others && place % SEED == 0) continue;
        if (group[place] < 0 || group[place] >= c[3].n) return 0;
        double *least = best + group[place], reach = limit;
        if (*least + slack < reach) reach = *least + slack;
        const double *here = at + tree->axes * place;
        /* Places follow each other: none is farther than the one before and the way from it, but for
           rounding. */
        double near = before < 0 ? HUGE_VAL
                                 : 1e-9 + 1.000001 * (away[before] + apart(at + tree->axes * before, here, tree->axes));
        double bound = near < reach ? near * near : reach * reach;
        double square = nearer(tree, 0, 0, points, here, bound);
        if (!(square < bound) && near < reach)
            square = nearer(tree, 0, 0, points, here, reach * reach);
        away[place] = square < reach * reach ? sqrt(square) : HUGE_VAL;
        before = place;
        if (away[place] < *least) *least = away[place];
    }
    return 1;
}

/* The squares of the distances of places to their nearest points. Sought is what is nearer than
   `limit`, and than the nearest of its group so far with `slack` added; else it stays that far. */
static PyObject *nearest(PyObject *self, PyObject *args)
{
    PyObject *object[5];
    Column c[5] = {{{0}}};
    long long axes;
    double limit, slack;
    int fine = 0, inside = 1;
    if (!PyArg_ParseTuple(args, "OOOLddOO", &object[0], &object[1], &object[2], &axes, &limit,
                          &slack, &object[3], &object[4]))
        return NULL;
    for (int at = 0; at < 5; at++)
        if (take(object[at], &c[at], at == 2 ? 'i' : 'd', 8, 8, at > 2) < 0) goto end;
    if (axes < 1 || axes > MOST_AXES || c[0].n % axes || c[1].n % axes ||
        c[1].n / axes != c[2].n || c[4].n != c[2].n) {
        PyErr_SetString(PyExc_ValueError, "the columns differ in length");
        goto end;
    }
    int64_t points = c[0].n / axes;
    Tree tree = {axes, malloc((size_t)c[0].n * 8 + 1),
                 malloc((size_t)count_nodes(points) * sizeof(Node))};
    if (!tree.place || !tree.node)
        PyErr_NoMemory();
    else {
        Py_BEGIN_ALLOW_THREADS memcpy(tree.place, c[0].view.buf, (size_t)c[0].n * 8);
        for (int64_t node = 0; node < count_nodes(points); node++) tree.node[node].axis = tree.node[node].ready = 0;
        /* A few first: the sooner the nearest of a group is nearly known, the less is looked at. */
        inside = ask_places(&tree, points, c, limit, slack, 0) &&
                 ask_places(&tree, points, c, limit, slack, 1);
        fine = inside;
        Py_END_ALLOW_THREADS if (!inside)
            PyErr_SetString(PyExc_ValueError, "a group is outside of the columns");
    }
    free(tree.place);
    free(tree.node);
end:
    release(c, 5);
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
     "surface_steps(start, stop, label, start, stop, label, shape, labels, kind_of_code, steps, kinds, "
     "counts, counts) -> (far, far)"},
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
