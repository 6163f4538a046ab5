/* arena_layout.h: where the parts of an arena lie, worked out from its plan. Shared by the sources of cup/arena.h alone.
 *
 *     header page | store descriptors | schema text | layout text | undo area | per store: buckets, bounds, marks, entries, cells
 *
 * Each part from the undo area on begins on a page. Pure functions, any thread. */
#ifndef CUP_ARENA_LAYOUT_H
#define CUP_ARENA_LAYOUT_H

#include "cup/arena.h"

/* Why there can be no arena of this plan, as a clause that follows the service's name; NULL when there can. */
const char *cup_arena_plan_problem(const struct cup_arena_plan *plan);

/* Fills in all that the plan determines: the header but for its magic, clocks and owner; and the descriptor of each store, where
 * `stores` is not NULL. The plan has no problem. */
void cup_arena_lay_out(const struct cup_arena_plan *plan, struct cup_arena_header *header, struct cup_store *stores);

#endif
