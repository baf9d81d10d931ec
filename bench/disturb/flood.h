/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bad packets to the outer leg of the attacked call: which, and given to the port. Thread: one. */
#pragma once

#include "scene.h"

/* Each makes the packet that is to be sent. Returns 0. */
int flood_unknown_port(struct scene *scene);
int flood_malformed(struct scene *scene);
int flood_source(struct scene *scene);
int flood_forged(struct scene *scene);

/* disturbance.besides: of the outer leg alone. */
unsigned flood_put(void *scene, unsigned leg);
