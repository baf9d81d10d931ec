/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration is read again, all of it and in a thread of its own; if nothing is wrong with
 * it and nothing that differs needs a restart, it takes effect at once. Else nothing changes.
 *
 * Thread: the loop's.
 */
#pragma once

struct daemon;
struct api_request;

/* request gets the outcome; NULL: the log alone (SIGHUP). */
void reload_begin(struct daemon *daemon, struct api_request *request);
