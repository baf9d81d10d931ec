/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Via of requests of ours. */
#pragma once

#include "b2bua/secret.h"
#include "sip/flow.h"

struct b2bua;

/*
 * text, a request of ours that was not sent yet, says in its Via that it goes by that flow. 0 or
 * -errno: then it is as it was.
 */
int via_change(struct b2bua *b2bua, struct secret *text, const struct sip_flow *flow);
