/* How far places are from the nearest of some points. */

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

static inline double squared(const Tree *tree, int64_t point, const double *at)
{
    double square = 0;
    for (int64_t axis = 0; axis < tree->axes; axis++) {
        double apart = at[axis] - tree->place[tree->axes * point + axis];
        square += apart * apart;
    }
    return square;
}

/* Return the square of the distance to the nearest point, and which it is, if it is below `best`; else
   `best`. The distance to a box is summed as those to points are, so that rounding puts no point
   nearer. */
static double nearer(Tree *tree, int64_t number, int64_t begin, int64_t end, const double *at,
                     double best, int64_t *nearest)
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
            best = nearer(tree, 2 * number + 1, begin, middle, at, best, nearest);
            number = 2 * number + 2;
            begin = middle;
        } else {
            best = nearer(tree, 2 * number + 2, middle, end, at, best, nearest);
            number = 2 * number + 1;
            end = middle;
        }
    }
    for (int64_t point = begin; point < end; point++) {
        double square = squared(tree, point, at);
        if (square < best) {
            best = square;
            *nearest = point;
        }
    }
    return best;
}

/* Find how far the first of every few places are, or all others. 0 if a group is outside of the
   columns. */
static int ask_places(Tree *tree, int64_t points, const Column *c, double limit, double slack,
                      int others)
{
    const double *at = c[1].view.buf;
    const int64_t *group = c[2].view.buf;
    double *best = c[3].view.buf, *away = c[4].view.buf;
    int64_t nearest = -1;
    for (int64_t place = others; place < c[2].n; place += others ? 1 : SEED) {
        if (others && place % SEED == 0) continue;
        if (group[place] < 0 || group[place] >= c[3].n) return 0;
        double *least = best + group[place], reach = limit;
        if (*least + slack < reach) reach = *least + slack;
        const double *here = at + tree->axes * place;
        double bound = reach * reach;
        /* Places follow each other: what is nearest to the one before is near to this one. */
        double square = nearest < 0 ? HUGE_VAL : squared(tree, nearest, here);
        square = nearer(tree, 0, 0, points, here, square < bound ? square : bound, &nearest);
        away[place] = square < bound ? sqrt(square) : HUGE_VAL;
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
