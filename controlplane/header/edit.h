/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A message of ours as it is being written, before its body: what passes of the other side's, and
 * what the rules of its receiver make of it (out). Any thread; no allocation.
 */
#pragma once

#include "header/rule.h"
#include "sip/writer.h"

#define HEADER_EDIT_ADDED_MAX 8192U /* bytes that the rules may add to one message */

/*
 * Appends lines, as header_view_lines() made them. A header of ours that has the name of one of
 * them goes: it is the other side's that passes.
 */
void header_edit_append(struct sip_writer *writer, struct str lines);
/* Returns how many headers were taken away for want of room, or as they could not be searched. */
unsigned header_edit(struct sip_writer *writer, enum header_message kind,
		     const struct header_rules *rules);
