/* batch.h: how an operator writes values of configs; the Click element reads them so, too.
 *
 *     // comments are those of the language; a line that begins with `#` is one, too
 *     allowed = [10.0.0.0/8,                                // a list may take several lines
 *                2001:db8::/32]
 *     limit : size = 1000                                   // with its type, which is checked then
 *     name = "http://x"                                     // in a text nothing is a comment, a list's end or a blank too many
 *
 *     char *copy = cup_batch_text(text, length, &refusal);
 *     struct cup_batch batch = {copy, 1};
 *     while (cup_batch_next(&batch, &assignment, &refusal)) ...                // refusal says what is no assignment, by line
 *
 * Pure functions, any thread. */
#ifndef CUP_BATCH_H
#define CUP_BATCH_H

#include "cup/arena.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CUP_PROBLEMS_SHOWN = 8 };

/* Why a batch is not applied: the first problems of it, and how many there are. `line` is 0 where it is about no line. */
struct cup_refusal {
    unsigned count;
    struct {
        unsigned line;
        char text[CUP_MESSAGE];
    } problems[CUP_PROBLEMS_SHOWN];
};

__attribute__((format(printf, 3, 4))) void cup_refuse(struct cup_refusal *refusal, unsigned line, const char *format, ...);

/* `NAME : TYPE = VALUE`, cut out of a text that has been changed for it; `type` is NULL where there is none. */
struct cup_assignment {
    char *name, *type, *value;
    unsigned line, value_line;
};

/* A text that is read: `at` ends with a zero byte. */
struct cup_batch {
    char *at;
    unsigned line;
};

/* Copies a text to read it; NULL with a problem when it holds a zero byte or there is no memory. To be freed. */
char *cup_batch_text(const char *text, size_t length, struct cup_refusal *refusal);

/* Takes the next assignment; false at the end. What is none is a problem, and passed over. */
bool cup_batch_next(struct cup_batch *batch, struct cup_assignment *assignment, struct cup_refusal *refusal);

/* The line of the value's byte `position`. */
unsigned cup_line_of(const struct cup_assignment *assignment, uint32_t position);

/* The text that is shown and kept: runs of blanks and line ends become one blank. */
void cup_onto_one_line(char *text);

#ifdef __cplusplus
}
#endif

#endif
