/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests in a dialog that pass to the other side with their body: INFO, MESSAGE, NOTIFY. Only of
 * the kinds in a table, as anything else could carry addresses and names of one side to the other.
 */
#pragma once

#include "b2bua/call.h"

void relayed_request(struct leg *leg, struct sip_server *server, const struct sip_message *request);
