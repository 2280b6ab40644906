/* Which runs are neighbours: components, and the faces that groups of them share. */

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
        Table wider = {NULL, NULL, 0, 0};
        if (table->places > INT64_MAX / 64 || make_table(&wider, 2 * table->places) < 0) {
            free_table(&wider);
            return -1;
        }
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

/* A line that has runs: its number, its place in its layer, and its first run. */
typedef struct {
    int64_t number, row, first;
} Line;

/* All lines that have runs; one more ends the runs of the last. */
typedef struct {
    Line *line;
    int64_t n;
} Lines;

static int find_lines(const Column *c, const Shape *shape, Lines *lines)
{
    const int64_t n = c[0].n;
    lines->n = 0;
    lines->line = malloc((size_t)(n + 1) * sizeof(Line));
    if (!lines->line) return -1;
    Place line = first_line(shape->fast, shape->middle);
    for (int64_t run = 0; run < n; run++) {
        int64_t before = line.begin;
        seek(&line, signed_at(&c[0], run));
        if (run && line.begin == before) continue;
        Line found = {line.layer * shape->middle + line.row, line.row, run};
        lines->line[lines->n++] = found;
    }
    lines->line[lines->n].first = n;
    return 0;
}

/* Tell whether the line a step away from another is in the grid. */
static inline int in_grid(const Line *line, const Shape *shape, int64_t middle, int64_t slow)
{
    int64_t row = line->row + middle, number = line->number + middle + slow * shape->middle;
    return row >= 0 && row < shape->middle && number >= 0 && number < shape->middle * shape->slow;
}

/* The place among the lines of one with a number, from a place on; the number of lines if it has no
   runs. The place is moved on to it. */
static inline int64_t line_at(const Lines *lines, int64_t number, int64_t *from)
{
    while (*from < lines->n && lines->line[*from].number < number) ++*from;
    return *from < lines->n && lines->line[*from].number == number ? *from : lines->n;
}

/* Count the voxels of a run that have a neighbour in their line a step ahead. */
static inline int64_t inside(const Column *c, int64_t run, int64_t begin, int64_t fast, int64_t step)
{
    int64_t start = signed_at(&c[0], run), stop = signed_at(&c[1], run);
    if (step > 0) stop = smaller(stop, begin + fast - 1);
    if (step < 0) start = larger(start, begin + 1);
    return larger(stop - start, 0);
}

/* Count the faces between the runs of two lines, and take them from those that border on background. */
static int count_lines(const Column *c, int64_t run, int64_t last, int64_t at, int64_t end,
                       int64_t shift, int64_t low, int64_t high, int64_t rows, Table *table,
                       int64_t *open)
{
    const int64_t *row = c[2].view.buf;
    while (run < last && at < end) {
        int64_t stop = signed_at(&c[1], run) + shift, other = signed_at(&c[1], at);
        int64_t begin = larger(larger(signed_at(&c[0], run) + shift, signed_at(&c[0], at)), low);
        int64_t voxels = smaller(smaller(stop, other), high) - begin;
        if (voxels > 0) {
            open[row[run]] -= voxels;
            open[row[at]] -= voxels;
            if (row[run] != row[at] &&
                add(table, smaller(row[run], row[at]) * rows + larger(row[run], row[at]), voxels) < 0)
                return -1;
        }
        run += stop <= other;
        at += other < stop;
    }
    return 0;
}

/* Count what runs border on a step ahead, and a step behind. */
static int count_step(const Column *c, const Shape *shape, const Lines *lines, const int64_t *step,
                      int64_t rows, Table *table, int64_t *open)
{
    const int64_t *row = c[2].view.buf;
    int64_t ahead = step[1] + step[2] * shape->middle, from = 0;
    for (int64_t line = 0; line < lines->n; line++) {
        const Line *own = lines->line + line;
        int64_t first = own[0].first, last = own[1].first, begin = own->number * shape->fast;
        int forth = in_grid(own, shape, step[1], step[2]);
        int back = in_grid(own, shape, -step[1], -step[2]);
        for (int64_t run = first; run < last; run++) {
            if (forth) open[row[run]] += inside(c, run, begin, shape->fast, step[0]);
            if (back) open[row[run]] += inside(c, run, begin, shape->fast, -step[0]);
        }
        int64_t to = line_at(lines, own->number + ahead, &from);
        begin += ahead * shape->fast;
        if (to < lines->n && forth &&
            count_lines(c, first, last, lines->line[to].first, lines->line[to + 1].first,
                        ahead * shape->fast + step[0], begin, begin + shape->fast, rows, table, open) < 0)
            return -1;
    }
    return 0;
}

/* Count the faces of all pairs of rows into a table; those with background as pairs with row 0. */
static int count_contacts(const Column *c, const Shape *shape, int connectivity, int64_t rows,
                          Table *table)
{
    static const int64_t steps[13][3] = {
        {1, 0, 0},  {0, 1, 0},  {0, 0, 1}, {1, 1, 0},  {-1, 1, 0}, {1, 0, 1},  {-1, 0, 1},
        {0, 1, 1},  {0, -1, 1}, {1, 1, 1}, {-1, 1, 1}, {1, -1, 1}, {-1, -1, 1}};
    Lines lines;
    int64_t *open = calloc((size_t)rows, sizeof(int64_t));
    int failed = find_lines(c, shape, &lines) < 0 || !open;
    for (int at = 0; at < connectivity / 2 && !failed; at++)
        failed = count_step(c, shape, &lines, steps[at], rows, table, open) < 0;
    for (int64_t row = 1; row < rows && !failed; row++)
        failed = open[row] && add(table, row, open[row]) < 0;
    free(lines.line);
    free(open);
    return failed;
}

static PyObject *contacts(PyObject *self, PyObject *args)
{
    PyObject *object[3], *result = NULL;
    long long fast, middle, slow, rows;
    int connectivity, failed = 0;
    Column c[3] = {{{0}}};
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
            Py_BEGIN_ALLOW_THREADS failed = count_contacts(c, &shape, connectivity, rows, &table);
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
