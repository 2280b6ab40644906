/* Runs out of voxels, in one pass. */

/* Bytes of a word, from its first in memory, that are zero; 0 where that is not known. */
static inline int zero_bytes(uint64_t word)
{
#if defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return __builtin_ctzll(word) / 8;
#elif defined(__GNUC__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    return __builtin_clzll(word) / 8;
#else
    return 0;
#endif
}

/* Where the stretch of one value that begins at a byte ends; `wanted` is the value over and over. */
static inline int64_t stretch(const uint8_t *bytes, int64_t at, int64_t end, uint64_t wanted, int size)
{
    uint64_t word[4];
    while (end - at >= 32) {
        memcpy(word, bytes + at, 32);
        if ((word[0] ^ wanted) | (word[1] ^ wanted) | (word[2] ^ wanted) | (word[3] ^ wanted)) break;
        at += 32;
    }
    while (end - at >= 8) {
        memcpy(word, bytes + at, 8);
        if (word[0] != wanted) {
            at += zero_bytes(word[0] ^ wanted) / size * size;
            break;
        }
        at += 8;
    }
    while (at < end && memcmp(bytes + at, &wanted, (size_t)size) == 0) at += size;
    return at;
}

/* Write the runs of whole lines from a place of the columns on, as far as there is room; count all. */
static inline int64_t encode_sized(const Column *voxels, int64_t line, int64_t first, Column *out,
                                   int64_t place, int size)
{
    const uint8_t *bytes = voxels->view.buf;
    int64_t at = 0, stop = voxels->n * size, end = 0, found = 0;
    line *= size;
    while (at < stop) {
        uint16_t label = 0;
        if (size == 1) label = bytes[at];
        if (size == 2) memcpy(&label, bytes + at, 2);
        if (!label) {
            /* Background is not stored, so it need not end with the line. */
            at = stretch(bytes, at, stop, 0, size);
            continue;
        }
        if (at >= end) end = at - end < line ? end + line : at - at % line + line;
        int64_t from = at;
        uint64_t wanted = label * (size == 1 ? UINT64_C(0x0101010101010101) : UINT64_C(0x0001000100010001));
        at = stretch(bytes, at, end, wanted, size);
        if (place + found < out[0].n) {
            put(&out[0], place + found, first + from / size);
            put(&out[1], place + found, first + at / size);
            ((uint16_t *)out[2].view.buf)[place + found] = label;
        }
        found++;
    }
    return found;
}

/* encode(voxels, line, first, start, stop, label, place) -> how many runs the voxels have */
static PyObject *encode(PyObject *self, PyObject *args)
{
    PyObject *object[4];
    Py_ssize_t line;
    long long first, place;
    Column c[4] = {{{0}}};
    int64_t found = -1;
    if (!PyArg_ParseTuple(args, "OnLOOOL", &object[3], &line, &first, &object[0], &object[1],
                          &object[2], &place))
        return NULL;
    if (take(object[0], &c[0], 'i', 4, 8, 1) == 0 && take(object[1], &c[1], 'i', 4, 8, 1) == 0 &&
        take(object[2], &c[2], 'u', 2, 2, 1) == 0 && take(object[3], &c[3], 'u', 1, 2, 0) == 0 &&
        equally_long(c, 3) == 0) {
        if (line < 1 || c[3].n % line)
            PyErr_SetString(PyExc_ValueError, "the voxels are no whole lines");
        else if (place < 0 || place > c[0].n)
            PyErr_SetString(PyExc_ValueError, "the place is outside of the columns");
        else if (first < 0 || first > INT64_MAX - c[3].n)
            PyErr_SetString(PyExc_ValueError, "the position is not one of a volume");
        else {
            Py_BEGIN_ALLOW_THREADS found =
                c[3].size == 1 ? encode_sized(&c[3], line, first, c, place, 1)
                               : encode_sized(&c[3], line, first, c, place, 2);
            Py_END_ALLOW_THREADS
        }
    }
    release(c, 4);
    return found < 0 ? NULL : PyLong_FromLongLong(found);
}
