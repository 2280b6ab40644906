/* The claims of several maps: the winner of each stretch, and who said what. */

/* What is merged. `c` has start, stop, label and table of each map; a table gives a work label for
   each label of its map, `rank` the rank of each work label. */
typedef struct {
    Column *c;
    int64_t maps, line;
    const uint16_t *rank;
    int64_t labels;
    int64_t *pairs;  /* voxels by winner and loser, or NULL */
    int64_t **cells; /* of each map, voxels by label and winner */
} Merge;

/* Where a map is: the next run that has not ended. */
typedef struct {
    int64_t at, start, stop;
    unsigned label, work;
} Reading;

static const int64_t LAST_POSITION = (int64_t)1 << 60;

/* Read the run at hand; 0 where it makes no sense. */
static inline int read_run(const Merge *merge, int64_t map, Reading *reading)
{
    const Column *own = merge->c + 4 * map;
    if (reading->at >= own->n) {
        reading->start = INT64_MAX;
        return 1;
    }
    reading->start = signed_at(&own[0], reading->at);
    reading->stop = signed_at(&own[1], reading->at);
    reading->label = label_at(own, reading->at);
    if (reading->start < 0 || reading->stop > LAST_POSITION || reading->stop <= reading->start ||
        reading->label >= own[3].n)
        return 0;
    reading->work = ((const uint16_t *)own[3].view.buf)[reading->label];
    return reading->work < merge->labels;
}

/* Count a stretch on which some maps say something; give the winner. */
static inline unsigned judge(const Merge *merge, const Reading *reading, const int64_t *here,
                             int64_t count, int64_t voxels)
{
    unsigned winner = 0;
    for (int64_t k = 0; k < count; k++) {
        unsigned work = reading[here[k]].work;
        if (work && (!winner || merge->rank[work] > merge->rank[winner])) winner = work;
    }
    if (!merge->pairs) return winner;
    for (int64_t k = 0; k < count; k++) {
        const Reading *one = reading + here[k];
        merge->cells[here[k]][one->label * merge->labels + winner] += voxels;
        if (one->work == winner || !one->work) continue;
        /* Several maps with one claim count once. */
        int64_t same = 0;
        while (reading[here[same]].work != one->work) same++;
        if (same == k) merge->pairs[winner * merge->labels + one->work] += voxels;
    }
    return winner;
}

/* Write the winner of a stretch after the runs that there are, joined to the last where it touches. */
static inline int64_t paint(const Merge *merge, Column *out, int64_t found, int64_t start, int64_t stop,
                            unsigned winner)
{
    if (!winner) return found;
    if (found && signed_at(&out[1], found - 1) == start && label_at(out, found - 1) == winner &&
        start % merge->line) {
        put(&out[1], found - 1, stop);
        return found;
    }
    if (found >= out[0].n) return -1;
    put_run(out, found, start, stop, winner);
    return found + 1;
}

/* Merge; -1 where the columns are too short, -2 where a run makes no sense. */
static int64_t merge_into(const Merge *merge, Reading *reading, int64_t *active, int64_t *here,
                          Column *out)
{
    int64_t found = 0;
    for (int64_t map = 0; map < merge->maps; map++)
        if (!read_run(merge, map, &reading[map])) return -2;
    for (;;) {
        int64_t position = INT64_MAX, left = 0;
        for (int64_t map = 0; map < merge->maps; map++)
            position = smaller(position, reading[map].start);
        if (position == INT64_MAX) return found;
        /* Only maps that have something in this line take part in it. */
        int64_t end = position - position % merge->line + merge->line;
        for (int64_t map = 0; map < merge->maps; map++)
            if (reading[map].start < end) active[left++] = map;
        while (left) {
            int64_t next = INT64_MAX, count = 0, kept = 0;
            for (int64_t k = 0; k < left; k++) {
                const Reading *one = reading + active[k];
                int inside = one->start <= position;
                if (inside) here[count++] = active[k];
                next = smaller(next, inside ? one->stop : one->start);
            }
            if (next <= position) return -2;
            if (count) {
                unsigned winner = judge(merge, reading, here, count, next - position);
                found = paint(merge, out, found, position, next, winner);
                if (found < 0) return -1;
            }
            position = next;
            for (int64_t k = 0; k < left; k++) {
                Reading *one = reading + active[k];
                if (one->stop <= position) {
                    int64_t before = one->stop;
                    one->at++;
                    if (!read_run(merge, active[k], one) || one->start < before) return -2;
                }
                if (one->start < end) active[kept++] = active[k];
            }
            left = kept;
        }
    }
}

/* Take the maps and, where it is counted, the counts of their cells. */
static int take_maps(Merge *merge, PyObject *given, PyObject *counts)
{
    for (int64_t map = 0; map < merge->maps; map++) {
        PyObject *run[4], *columns = PyTuple_GET_ITEM(given, map);
        Column *own = merge->c + 4 * map, *count = merge->c + 4 * merge->maps + map;
        if (!PyTuple_Check(columns)) {
            PyErr_SetString(PyExc_TypeError, "a map is a tuple of start, stop, label and table");
            return -1;
        }
        if (!PyArg_ParseTuple(columns, "OOOO", &run[0], &run[1], &run[2], &run[3]) ||
            take_runs(run, own, 0) < 0 || take(run[3], &own[3], 'u', 2, 2, 0) < 0)
            return -1;
        if (!PyTuple_GET_SIZE(counts)) continue;
        if (take(PyTuple_GET_ITEM(counts, map), count, 'i', 8, 8, 1) < 0) return -1;
        if (count->n / merge->labels != own[3].n || count->n % merge->labels) {
            PyErr_SetString(PyExc_ValueError, "the counts have another size than the labels");
            return -1;
        }
        merge->cells[map] = count->view.buf;
    }
    return 0;
}

/* merge(maps, rank, line, start, stop, label, pairs, cells) -> how many runs; `maps`: start, stop, label
   and table of each. `pairs` and `cells` are empty where nothing is counted. */
static PyObject *merge(PyObject *self, PyObject *args)
{
    PyObject *given, *counts, *object[5];
    long long line;
    int64_t found = -1;
    if (!PyArg_ParseTuple(args, "O!OLOOOOO!", &PyTuple_Type, &given, &object[3], &line, &object[0],
                          &object[1], &object[2], &object[4], &PyTuple_Type, &counts))
        return NULL;
    Py_ssize_t maps = PyTuple_GET_SIZE(given), counted = PyTuple_GET_SIZE(counts);
    if (maps < 1 || maps > MOST_MAPS || line < 1 || line > LAST_POSITION ||
        (counted && counted != maps)) {
        PyErr_SetString(PyExc_ValueError, "the numbers of maps, counts or voxels make no sense");
        return NULL;
    }
    Column *c = calloc((size_t)(5 * maps + 5), sizeof(Column)), *out = c + 5 * maps;
    int64_t **cells = calloc((size_t)maps, sizeof(int64_t *));
    int64_t *active = calloc((size_t)(2 * maps), sizeof(int64_t));
    Reading *reading = calloc((size_t)maps, sizeof(Reading));
    if (!c || !cells || !active || !reading)
        PyErr_NoMemory();
    else if (take_runs(object, out, 1) == 0 && take(object[3], &out[3], 'u', 2, 2, 0) == 0 &&
             take(object[4], &out[4], 'i', 8, 8, 1) == 0) {
        Merge merge = {c, maps, line, out[3].view.buf, out[3].n, counted ? out[4].view.buf : NULL, cells};
        if (!merge.labels || (counted && (out[4].n / merge.labels != merge.labels ||
                                          out[4].n % merge.labels)))
            PyErr_SetString(PyExc_ValueError, "the counts have another size than the labels");
        else if (take_maps(&merge, given, counts) == 0) {
            Py_BEGIN_ALLOW_THREADS found = merge_into(&merge, reading, active, active + maps, out);
            Py_END_ALLOW_THREADS if (found == -1)
                PyErr_SetString(PyExc_ValueError, "the columns are too short");
            if (found == -2) PyErr_SetString(PyExc_ValueError, "these are no runs of labels");
        }
    }
    if (c) release(c, (int)(5 * maps + 5));
    free(c);
    free(cells);
    free(active);
    free(reading);
    return found < 0 ? NULL : PyLong_FromLongLong(found);
}
