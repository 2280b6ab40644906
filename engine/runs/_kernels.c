/* The same as the numpy code of this folder, faster: decode, components, contacts, measures, overlaps,
   surfaces, distances; voxels to runs in `_encode.h`, sweeps over runs in `_sweeps.h`, the merge of
   several maps in `_merge.h`.

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

/* Surfaces ----------------------------------------------------------------------------------- */

typedef struct {
    int32_t place[3]; /* by fast, middle, slow axis */
    uint16_t label;
    uint8_t code;
} Corner;

typedef struct {
    Corner *corner;
    int64_t used, room;
} Corners;

/* Labels of four lines in one word: sixteen bits of each. */
static const uint64_t EACH = 0x0001000100010001u, LOW = 0x7fff7fff7fff7fffu;

/* Which of the four labels of a word are a label, as four bits. */
static inline unsigned equal_to(uint64_t word, uint64_t label)
{
    uint64_t other = word ^ label * EACH;
    uint64_t zero = ~(((other & LOW) + LOW) | other | LOW) >> 15;
    return (unsigned)((zero * 0x0001000200040008u) >> 48) & 15;
}

/* Give a corner to each label that some of the eight voxels around it have and others have not:
   those after it in its four lines, then those before it; and the same to `many` that follow it
   along the line. -1 where there is no memory. */
static int meet(Corners *found, uint64_t after, uint64_t before, int64_t many, const int64_t *place)
{
    unsigned done = 0;
    if (found->used + 8 * many > found->room) {
        int64_t room = larger(larger(2 * found->room, 4096), found->used + 8 * many);
        Corner *more = realloc(found->corner, (size_t)room * sizeof(Corner));
        if (!more) return -1;
        found->corner = more;
        found->room = room;
    }
    for (int at = 0; at < 8; at++) {
        uint64_t label = (at < 4 ? after >> 16 * at : before >> 16 * (at - 4)) & 0xffff;
        if (!label || done >> at & 1) continue;
        unsigned code = equal_to(after, label) | equal_to(before, label) << 4;
        done |= code;
        if (code == 255) return 0;
        for (int64_t next = 0; next < many; next++) {
            Corner *corner = found->corner + found->used++;
            corner->place[0] = (int32_t)(place[0] + next);
            corner->place[1] = (int32_t)place[1];
            corner->place[2] = (int32_t)place[2];
            corner->label = (uint16_t)label;
            corner->code = (uint8_t)code;
        }
    }
    return 0;
}

/* Find the first run of each line, and one more; -1 where the runs are not those of a volume. */
static int part_lines(const Column *c, const Shape *shape, int64_t *first)
{
    int64_t line = 0, lines = shape->middle * shape->slow, last = 0;
    first[0] = 0;
    for (int64_t run = 0; run < c[0].n; run++) {
        int64_t start = signed_at(&c[0], run), stop = signed_at(&c[1], run);
        if (start < last || stop <= start) return -1;
        while (line < lines && start >= (line + 1) * shape->fast) first[++line] = run;
        if (line == lines || stop > (line + 1) * shape->fast) return -1;
        last = stop;
    }
    while (line < lines) first[++line] = c[0].n;
    return 0;
}

/* The run of a line that ends beyond a place. */
typedef struct {
    int64_t run, end, base; /* runs left, and where the line begins */
    int64_t from, to;       /* of the first of them, in the line; beyond it where none is left */
} Line;

static inline void look_at_run(Line *line, const Column *c, int64_t fast)
{
    int left = line->run < line->end;
    line->from = left ? signed_at(&c[0], line->run) - line->base : fast + 1;
    line->to = left ? signed_at(&c[1], line->run) - line->base : fast + 1;
}

/* Go along the line of corners between four lines of voxels. */
static int sweep_corners(const Column *c, const Shape *shape, const int64_t *first, int64_t middle,
                         int64_t slow, Corners *found)
{
    const uint16_t *label = c[2].view.buf;
    const int64_t beyond = shape->fast + 1;
    Line lines[4];
    int64_t at = beyond;
    for (int each = 0; each < 4; each++) {
        Line *line = lines + each;
        int64_t row = middle - (each & 1), layer = slow - (each >> 1);
        line->run = line->end = line->base = 0;
        if (row >= 0 && row < shape->middle && layer >= 0 && layer < shape->slow) {
            int64_t number = layer * shape->middle + row;
            line->run = first[number];
            line->end = first[number + 1];
            line->base = number * shape->fast;
        }
        look_at_run(line, c, shape->fast);
        at = smaller(at, line->from);
    }
    uint64_t before = 0;
    while (at < beyond) {
        int64_t next = beyond, place[3] = {at, middle, slow};
        uint64_t after = 0;
        for (int each = 0; each < 4; each++) {
            Line *line = lines + each;
            while (line->to <= at) {
                line->run++;
                look_at_run(line, c, shape->fast);
            }
            if (line->from <= at) after |= (uint64_t)label[line->run] << 16 * each;
            next = smaller(next, line->from <= at ? line->to : line->from);
        }
        if ((after != before || after != (after & 0xffff) * EACH) &&
            meet(found, after, before, 1, place) < 0)
            return -1;
        place[0]++;
        if (after != (after & 0xffff) * EACH && next < beyond && next > place[0] &&
            meet(found, after, after, next - place[0], place) < 0)
            return -1;
        before = after;
        at = next;
    }
    return 0;
}

/* Sort corners by label, those of a label in the order in which they were found. */
static PyObject *by_label(const Corners *found, int64_t labels)
{
    PyObject *begin = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)((labels + 1) * 8));
    PyObject *place = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(found->used * 12));
    PyObject *code = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)found->used);
    PyObject *result = NULL;
    int64_t *next = calloc((size_t)labels + 1, 8);
    if (begin && place && code && next) {
        int64_t *first = (int64_t *)PyBytes_AS_STRING(begin);
        int32_t *to = (int32_t *)PyBytes_AS_STRING(place);
        uint8_t *codes = (uint8_t *)PyBytes_AS_STRING(code);
        for (int64_t at = 0; at < found->used; at++) next[found->corner[at].label + 1]++;
        for (int64_t label = 0; label < labels; label++) next[label + 1] += next[label];
        memcpy(first, next, (size_t)(labels + 1) * 8);
        for (int64_t at = 0; at < found->used; at++) {
            int64_t here = next[found->corner[at].label]++;
            memcpy(to + 3 * here, found->corner[at].place, 12);
            codes[here] = found->corner[at].code;
        }
        result = PyTuple_Pack(3, begin, place, code);
    } else if (!PyErr_Occurred())
        PyErr_NoMemory();
    free(next);
    Py_XDECREF(begin);
    Py_XDECREF(place);
    Py_XDECREF(code);
    return result;
}

static PyObject *corners(PyObject *self, PyObject *args)
{
    PyObject *object[3], *result = NULL;
    long long fast, middle, slow, labels;
    Column c[3] = {{{0}}};
    if (!PyArg_ParseTuple(args, "OOO(LLL)L", &object[0], &object[1], &object[2], &fast, &middle, &slow,
                          &labels))
        return NULL;
    Shape shape = {fast, middle, slow};
    if (take(object[0], &c[0], 'i', 4, 8, 0) < 0 || take(object[1], &c[1], 'i', 4, 8, 0) < 0 ||
        take(object[2], &c[2], 'u', 2, 2, 0) < 0 || equally_long(c, 3) < 0 || check_shape(&shape) < 0)
        goto end;
    const uint16_t *label = c[2].view.buf;
    int fine = labels > 0 && labels <= 65536 && fast < INT32_MAX && middle < INT32_MAX &&
               slow < INT32_MAX;
    for (int64_t run = 0; fine && run < c[2].n; run++) fine = label[run] < labels;
    int64_t *first = fine ? malloc((size_t)(middle * slow + 1) * 8) : NULL;
    Corners found = {0};
    if (fine && !first)
        PyErr_NoMemory();
    else if (!fine || part_lines(c, &shape, first) < 0)
        PyErr_SetString(PyExc_ValueError, "the runs are not those of a volume");
    else {
        int room = 0;
        Py_BEGIN_ALLOW_THREADS for (int64_t s = 0; s <= slow && !room; s++)
            for (int64_t m = 0; m <= middle && !room; m++)
                room = sweep_corners(c, &shape, first, m, s, &found);
        Py_END_ALLOW_THREADS if (room < 0) PyErr_NoMemory();
        else result = by_label(&found, labels);
    }
    free(first);
    free(found.corner);
end:
    release(c, 3);
    return result;
}

/* Corners that are marked, in a box around them: a step from any corner asked for stays inside. */
typedef struct {
    uint8_t *mark;
    int64_t size;
    int64_t low[3], wide[3];
} Marks;

static int within_places(const Column *begin, int64_t places)
{
    const int64_t *at = begin->view.buf;
    for (int64_t group = 0; group + 1 < begin->n; group++)
        if (at[group] > at[group + 1]) return 0;
    return begin->n > 0 && at[0] == 0 && at[begin->n - 1] == places;
}

static inline int64_t flat(const Marks *marks, const int32_t *place)
{
    return ((place[2] - marks->low[2]) * marks->wide[1] + place[1] - marks->low[1]) * marks->wide[0] +
           place[0] - marks->low[0];
}

/* Lay the box around some places; -1 where it is none, -2 where there is no memory. */
static int lay_box(Marks *marks, const int32_t *place, int64_t n, int64_t reach)
{
    int64_t size = 1;
    for (int axis = 0; axis < 3; axis++) {
        int64_t low = place[axis], high = low;
        for (int64_t at = 1; at < n; at++) {
            low = smaller(low, place[3 * at + axis]);
            high = larger(high, place[3 * at + axis]);
        }
        marks->low[axis] = low - 2 * reach;
        marks->wide[axis] = high - low + 1 + 4 * reach;
        if (marks->wide[axis] > ((int64_t)1 << 40) / size) return -1;
        size *= marks->wide[axis];
    }
    if (size > marks->size) {
        free(marks->mark);
        marks->mark = calloc((size_t)size, 1);
        marks->size = marks->mark ? size : 0;
        if (!marks->mark) return -2;
    }
    return 0;
}

/* The first of some steps that leads from each place of a group to a place of the same group there:
   counted by group, step and kind of the place. What no step finds is marked as far. */
static PyObject *first_steps(PyObject *self, PyObject *args)
{
    PyObject *object[9];
    /* here: place, code, begin; there: place, begin; kind of code, steps; counts, far */
    static const char types[] = "iuiiiuiiu";
    static const int sizes[] = {4, 1, 8, 4, 8, 1, 8, 8, 1};
    Column c[9] = {{{0}}};
    long long kinds;
    int fine = 1, state = 0;
    int64_t *offset = NULL, reach = 0;
    Marks marks = {0};
    if (!PyArg_ParseTuple(args, "OOOOOOOLOO", &object[0], &object[1], &object[2], &object[3],
                          &object[4], &object[5], &object[6], &kinds, &object[7], &object[8]))
        return NULL;
    for (int at = 0; at < 9; at++)
        if (take(object[at], &c[at], types[at], sizes[at], sizes[at], at > 6) < 0) goto end;
    const int32_t *here = c[0].view.buf, *there = c[3].view.buf;
    const uint8_t *code = c[1].view.buf, *kind = c[5].view.buf;
    const int64_t *mine = c[2].view.buf, *theirs = c[4].view.buf, *step = c[6].view.buf;
    int64_t groups = c[2].n - 1, steps = c[6].n / 3, *counts = c[7].view.buf;
    uint8_t *far = c[8].view.buf;
    fine = c[0].n == 3 * c[1].n && c[8].n == c[1].n && c[3].n % 3 == 0 && c[6].n % 3 == 0 &&
           c[2].n == c[4].n && c[5].n == 256 && kinds > 0 && kinds <= 256 &&
           within_places(&c[2], c[1].n) && within_places(&c[4], c[3].n / 3) &&
           c[7].n == groups * steps * kinds;
    for (int at = 0; fine && at < 256; at++) fine = kind[at] < kinds;
    for (int64_t at = 0; fine && at < c[6].n; at++) {
        fine = step[at] > -1000 && step[at] < 1000;
        if (fine) reach = larger(reach, step[at] < 0 ? -step[at] : step[at]);
    }
    if (!fine) {
        PyErr_SetString(PyExc_ValueError, "the columns do not fit each other");
        goto end;
    }
    offset = malloc((size_t)steps * 8 + 1);
    if (!offset) state = -2;
    Py_BEGIN_ALLOW_THREADS memset(counts, 0, (size_t)c[7].n * 8);
    memset(far, 0, (size_t)c[8].n);
    for (int64_t group = 0; group < groups && !state; group++) {
        int64_t n = theirs[group + 1] - theirs[group];
        const int32_t *of_group = there + 3 * theirs[group];
        if (!n) memset(far + mine[group], 1, (size_t)(mine[group + 1] - mine[group]));
        if (!n || mine[group] == mine[group + 1]) continue;
        state = lay_box(&marks, of_group, n, reach);
        if (state) break;
        for (int64_t at = 0; at < steps; at++)
            offset[at] = (step[3 * at + 2] * marks.wide[1] + step[3 * at + 1]) * marks.wide[0] +
                         step[3 * at];
        for (int64_t at = 0; at < n; at++) marks.mark[flat(&marks, of_group + 3 * at)] = 1;
        for (int64_t at = mine[group]; at < mine[group + 1]; at++) {
            const int32_t *place = here + 3 * at;
            int64_t found = 0;
            for (int axis = 0; axis < 3; axis++) {
                int64_t inside = place[axis] - marks.low[axis];
                if (inside < reach || inside >= marks.wide[axis] - reach) found = steps;
            }
            if (!found) {
                const uint8_t *from = marks.mark + flat(&marks, place);
                while (found < steps && !from[offset[found]]) found++;
            }
            if (found < steps)
                counts[(group * steps + found) * kinds + kind[code[at]]]++;
            else
                far[at] = 1;
        }
        for (int64_t at = 0; at < n; at++) marks.mark[flat(&marks, of_group + 3 * at)] = 0;
    }
    Py_END_ALLOW_THREADS if (state == -2) PyErr_NoMemory();
    if (state == -1) PyErr_SetString(PyExc_ValueError, "the places lie too far from each other");
    fine = !state;
end:
    free(offset);
    free(marks.mark);
    release(c, 9);
    if (!fine || PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}

/* Distances ---------------------------------------------------------------------------------- */

enum { LEAF = 12, MOST_AXES = 4, SEED = 32 };

/* A stretch of points: the box around them, and where it is parted in the middle. */
typedef struct {
    double low[MOST_AXES], high[MOST_AXES], cut;
    int axis;
} Node;

/* Points, sorted so that the ones before the middle of each stretch lie on one side of it. The halves
   of the stretch of node n are nodes 2 n + 1 and 2 n + 2. */
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

static void grow(Tree *tree, int64_t number, int64_t begin, int64_t end)
{
    int64_t middle = begin + (end - begin) / 2, axes = tree->axes;
    Node *node = tree->node + number;
    double spread = -1;
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
    grow(tree, 2 * number + 1, begin, middle);
    grow(tree, 2 * number + 2, middle, end);
}

/* Return the square of the distance to the nearest point if it is below `best`, else `best`. The
   distance to a box is summed as those to points are, so that rounding puts no point nearer. */
static double nearer(const Tree *tree, int64_t number, int64_t begin, int64_t end, const double *at,
                     double best)
{
    int64_t axes = tree->axes;
    for (;;) {
        const Node *node = tree->node + number;
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

/* Find how far the first of every few places are, or all others. 0 if a group is outside of the
   columns. */
static int ask_places(const Tree *tree, int64_t points, const Column *c, double limit, double slack,
                      int others)
{
    const double *at = c[1].view.buf;
    const int64_t *group = c[2].view.buf;
    double *best = c[3].view.buf, *away = c[4].view.buf;
    for (int64_t place = others; place < c[2].n; place += others ? 1 : SEED) {
        if (others && place % SEED == 0) continue;
        if (group[place] < 0 || group[place] >= c[3].n) return 0;
        double *least = best + group[place], reach = limit;
        if (*least + slack < reach) reach = *least + slack;
        double square = nearer(tree, 0, 0, points, at + tree->axes * place, reach * reach);
        away[place] = square < reach * reach ? sqrt(square) : HUGE_VAL;
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
        for (int64_t node = 0; node < count_nodes(points); node++) tree.node[node].axis = 0;
        grow(&tree, 0, 0, points);
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
    {"corners", corners, METH_VARARGS,
     "corners(start, stop, label, shape, labels) -> (begin, place, code)"},
    {"first_steps", first_steps, METH_VARARGS,
     "first_steps(here_place, here_code, here_begin, there_place, there_begin, kind_of_code, steps, "
     "kinds, counts, far)"},
    {"nearest", nearest, METH_VARARGS, "nearest(points, places, group, axes, limit, slack, best, away)"},
    {"count", count, METH_VARARGS, "count(start, stop, label, voxels)"},
    {"join", join, METH_VARARGS, "join(start, stop, label, line[, start, stop, label]) -> int"},
    {"pick", pick, METH_VARARGS,
     "pick(start, stop, label, next, by_row, start, stop, label, row)"},
    {"refine", refine, METH_VARARGS, "refine(maps, differing, start, stop, labels) -> int"},
    {"merge", merge, METH_VARARGS,
     "merge(maps, rank, line, start, stop, label, pairs, cells) -> int"},
    {NULL, NULL, 0, NULL}};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_kernels",
                                    "What the numpy code of this folder does, faster.", -1,
                                    methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit__kernels(void) { return PyModule_Create(&module); }
