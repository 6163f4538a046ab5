/* kept_file.h: what an operator set while a service ran, as a batch (batch.h) in the file `config` of the service's folder.
 *
 *     if (!cup_kept_write(folder, service, settings, count, text_of, values, &refusal)) ...   // the file is as it was
 *     char path[PATH_MAX];
 *     char *text = cup_kept_read(folder, path, &length);                                       // free(text)
 *
 * The file is written beside and renamed, so that it is always one whole batch, each value with its type. Values that were never set are
 * not in it: they follow the program. For all targets; one thread. */
#ifndef CUP_KEPT_FILE_H
#define CUP_KEPT_FILE_H

#include "batch.h"
#include "cup/service.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The text of the setting of an index, NULL for one that was never set. */
typedef const char *(*cup_kept_text)(const void *of, uint32_t index);

/* False with a problem where it cannot be written. */
bool cup_kept_write(const char *folder, const struct cup_service *service, const struct cup_service_setting *settings, uint32_t count,
                    cup_kept_text text_of, const void *of, struct cup_refusal *refusal);

/* The whole file, with its name in `path` (PATH_MAX bytes). NULL where there is none (errno is ENOENT) or it cannot be read. */
char *cup_kept_read(const char *folder, char *path, size_t *length);

#endif
