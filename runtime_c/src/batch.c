/* Reading what an operator writes. See batch.h. */
#include "batch.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void cup_refuse(struct cup_refusal *refusal, unsigned line, const char *format, ...) {
    va_list values;
    va_start(values, format);
    if (refusal->count < CUP_PROBLEMS_SHOWN) {
        refusal->problems[refusal->count].line = line;
        (void)vsnprintf(refusal->problems[refusal->count].text, CUP_MESSAGE, format, values);
    }
    refusal->count++;
    va_end(values);
}

/* ---- Reading ---- */

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/* The closing quote of a text that opens here, or what stands before the end of its line where there is none. */
static char *last_of_text(char *at) {
    while (at[1] != 0 && at[1] != '\n') {
        at++;
        if (*at == '"') break;
        if (*at == '\\' && at[1] != 0 && at[1] != '\n') at++;
    }
    return at;
}

/* Puts blanks in the place of comments, so that lines and bytes stay where they are. */
static void blank_comments(char *text) {
    bool begins = true; /* nothing but blanks since the line began */
    for (char *at = text; *at != 0; at++) {
        if (*at == '"') at = last_of_text(at);
        bool comment = (begins && *at == '#') || (at[0] == '/' && at[1] == '/');
        while (comment && *at != 0 && *at != '\n') *at++ = ' ';
        if (*at == 0) return;
        begins = *at == '\n' || (begins && is_blank(*at));
    }
}

char *cup_batch_text(const char *text, size_t length, struct cup_refusal *refusal) {
    const char *zero = length == 0 ? NULL : memchr(text, 0, length);
    if (zero != NULL) {
        unsigned line = 1;
        for (const char *at = text; at != zero; at++) line += *at == '\n';
        cup_refuse(refusal, line, "there is a zero byte");
        return NULL;
    }
    char *copy = malloc(length + 1);
    if (copy == NULL) {
        cup_refuse(refusal, 0, "there is no memory left");
        return NULL;
    }
    if (length != 0) memcpy(copy, text, length);
    copy[length] = 0;
    blank_comments(copy);
    return copy;
}

/* Where the type ends: at a `=` that stands in no bracket. */
static char *end_of_type(char *at) {
    int depth = 0;
    for (; *at != 0 && *at != '\n'; at++) {
        if (*at == '{' || *at == '<') depth++;
        if (*at == '}' || *at == '>') depth--;
        if (*at == '=' && depth <= 0) break;
    }
    return at;
}

/* Where the value ends: with its line, or with the line where its list is closed. */
static char *end_of_value(char *at) {
    bool open = false;
    for (; *at != 0 && (open || *at != '\n'); at++) {
        if (*at == '"') at = last_of_text(at);
        else if (*at == '[') open = true;
        else if (*at == ']') open = false;
    }
    return at;
}

/* Ends the word before `end`, without the blanks behind it. */
static void cut(char *begin, char *end) {
    while (end > begin && is_blank(end[-1])) end--;
    *end = 0;
}

static char *skip_blanks(char *at) {
    while (is_blank(*at)) at++;
    return at;
}

/* Says that a line is no assignment, and goes on to the next. */
static void pass_over(struct cup_batch *batch, char *line, struct cup_refusal *refusal) {
    char *end = line + strcspn(line, "\n");
    batch->at = end;
    int length = end - line > 60 ? 60 : (int)(end - line);
    while (length > 0 && is_blank(line[length - 1])) length--;
    cup_refuse(refusal, batch->line, "`%.*s` is not of the form `NAME = VALUE`", length, line);
}

bool cup_batch_next(struct cup_batch *batch, struct cup_assignment *found, struct cup_refusal *refusal) {
    for (;;) {
        char *at = skip_blanks(batch->at);
        if (*at == 0) return false;
        if (*at == '\n') {
            batch->line++;
            batch->at = at + 1;
            continue;
        }
        char *name = at, *type = NULL;
        char *name_end = name + strcspn(name, " \t\r\n:=[],");
        at = skip_blanks(name_end);
        char *type_end = NULL;
        if (*at == ':') {
            type = skip_blanks(at + 1);
            at = type_end = end_of_type(type);
        }
        if (*at != '=' || name_end == name) {
            pass_over(batch, name, refusal);
            continue;
        }
        char *value = skip_blanks(at + 1);
        char *end = end_of_value(value);
        found->line = found->value_line = batch->line;
        for (char *c = value; c != end; c++) batch->line += *c == '\n';
        batch->line += *end == '\n';
        batch->at = *end == '\n' ? end + 1 : end;
        found->name = name;
        found->type = type;
        found->value = value;
        *name_end = 0;
        if (type != NULL) cut(type, type_end);
        cut(value, end);
        return true;
    }
}

void cup_onto_one_line(char *text) {
    char *to = text;
    for (char *from = text; *from != 0; from++) {
        if (*from == '"') {
            for (const char *last = last_of_text(from); from != last; from++) *to++ = *from;
            *to++ = *from;
            continue;
        }
        bool blank = is_blank(*from) || *from == '\n';
        if (blank && (to == text || to[-1] == ' ')) continue;
        *to++ = blank ? ' ' : *from;
    }
    if (to != text && to[-1] == ' ') to--;
    *to = 0;
}

unsigned cup_line_of(const struct cup_assignment *assignment, uint32_t position) {
    unsigned line = assignment->value_line;
    for (uint32_t i = 0; i < position && assignment->value[i] != 0; i++) line += assignment->value[i] == '\n';
    return line;
}
