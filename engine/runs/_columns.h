/* Arrays of the caller as columns of integers: taken through the buffer protocol, checked, read and
   written. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    Py_buffer view;
    int held;
    int size;  /* bytes of an item */
    int64_t n; /* items */
} Column;

static void release(Column *columns, int count)
{
    for (int at = 0; at < count; at++)
        if (columns[at].held) PyBuffer_Release(&columns[at].view);
}

/* Take an array whose items are signed ('i'), unsigned ('u') or floating ('d') and have one of two
   sizes. */
static int take(PyObject *object, Column *column, char kind, int size, int other_size, int writable)
{
    int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (writable ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(object, &column->view, flags) < 0) return -1;
    column->held = 1;
    const char *format = column->view.format ? column->view.format : "B";
    const char *allowed = kind == 'i' ? "bhilq" : kind == 'd' ? "d" : "BHILQ?";
    column->size = (int)column->view.itemsize;
    if (column->view.ndim != 1 || strlen(format) != 1 || !strchr(allowed, format[0]) ||
        (column->size != size && column->size != other_size)) {
        PyErr_Format(PyExc_TypeError, "an array of another type is needed, not %d x %s",
                     column->view.ndim, format);
        return -1;
    }
    column->n = column->view.len / column->size;
    return 0;
}

static int equally_long(const Column *columns, int count)
{
    for (int at = 1; at < count; at++)
        if (columns[at].n != columns[0].n) {
            PyErr_SetString(PyExc_ValueError, "the columns differ in length");
            return -1;
        }
    return 0;
}

static inline int64_t sized_at(const Column *column, int64_t at, int size)
{
    return size == 4 ? ((const int32_t *)column->view.buf)[at]
                     : ((const int64_t *)column->view.buf)[at];
}

static inline int64_t signed_at(const Column *column, int64_t at)
{
    return sized_at(column, at, column->size);
}

static inline void put(Column *column, int64_t at, int64_t value)
{
    if (column->size == 4)
        ((int32_t *)column->view.buf)[at] = (int32_t)value;
    else
        ((int64_t *)column->view.buf)[at] = value;
}

static inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }

/* Where a run lies: its line, and the layer of its line. Runs mostly come in order, so the line of the
   one before is tried before anything is divided. */
typedef struct {
    int64_t fast, middle;      /* voxels of a line, lines of a layer */
    int64_t begin, row, layer; /* first position of the line, its place in the layer, its layer */
} Place;

static inline Place first_line(int64_t fast, int64_t middle)
{
    Place line = {fast, middle, 0, 0, 0};
    return line;
}

static inline void seek(Place *line, int64_t position)
{
    uint64_t ahead = (uint64_t)position - (uint64_t)line->begin, fast = (uint64_t)line->fast;
    if (ahead < fast) return;
    if (ahead - fast < fast && line->row + 1 < line->middle) {
        line->begin += line->fast;
        line->row++;
        return;
    }
    int64_t number = position / line->fast;
    line->layer = number / line->middle;
    line->row = number - line->layer * line->middle;
    line->begin = number * line->fast;
}
