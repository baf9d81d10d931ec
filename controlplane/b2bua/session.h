/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The media session of a call in the data plane. */
#pragma once

#include "b2bua/call.h"

/*
 * Reserves media ports for both legs; then invite_send(), or the call ends. The caller's leg gets
 * the family of its offer's address; of none, that of its signalling. 0 or -errno.
 */
int session_open(struct call *call);
/* Tells the data plane what is new about a leg since it was told last. */
void session_install(struct leg *leg);
/* Closes it, and writes the end of the call to the log when the counters are there. */
void session_close(struct call *call, const struct verdict *verdict);
