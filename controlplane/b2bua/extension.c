/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "b2bua/extension.h"

#include <stdio.h>
#include <string.h>

#include "b2bua/call.h"

/* ---- option tags ---- */

static bool does_100rel(const struct config_dial_plan *plan)
{
	return plan && plan->prack != PRACK_OFF;
}

static bool does_replaces(const struct config_dial_plan *plan)
{
	return plan && plan->replaces != REPLACES_OFF;
}

static const struct option {
	const char *tag;
	bool (*does)(const struct config_dial_plan *plan); /* NULL: always */
	bool is_100rel;
} options[] = {
    {"100rel", does_100rel, true},
    {"timer", NULL, false},
    {"replaces", does_replaces, false},
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

static bool does(const struct config_dial_plan *plan, struct str tag)
{
	for (unsigned i = 0; i < OPTIONS; i++)
		if (str_caseeq(tag, str_of(options[i].tag)))
			return !options[i].does || options[i].does(plan);
	return false;
}

bool extension_is_unknown(const struct sip_message *request, const struct config_dial_plan *plan)
{
	const struct sip_header *header = NULL;

	if (sip_message_header(request, SIP_HDR_PROXY_REQUIRE, NULL))
		return true;
	while ((header = sip_message_header(request, SIP_HDR_REQUIRE, header))) {
		struct str rest = header->value, tag;

		while (sip_list_next(&rest, &tag))
			if (!does(plan, tag))
				return true;
	}
	return false;
}

void extension_write_unsupported(struct sip_writer *writer, const struct sip_message *request,
				 const struct config_dial_plan *plan)
{
	const struct sip_header *header = NULL;

	while ((header = sip_message_header(request, SIP_HDR_PROXY_REQUIRE, header)))
		sip_writer_header(writer, "Unsupported", header->value);
	while ((header = sip_message_header(request, SIP_HDR_REQUIRE, header))) {
		struct str rest = header->value, tag;

		while (sip_list_next(&rest, &tag))
			if (!does(plan, tag))
				sip_writer_header(writer, "Unsupported", tag);
	}
}

void extension_write_supported(struct sip_writer *writer, const struct config_dial_plan *plan,
			       enum extension_set set)
{
	char text[64] = "";
	size_t used = 0;

	for (unsigned i = 0; i < OPTIONS; i++)
		if ((!options[i].does || options[i].does(plan)) &&
		    (set == EXTENSION_ALL || !options[i].is_100rel))
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
						 used ? ", " : "", options[i].tag);
	sip_writer_header(writer, "Supported", (struct str){text, used});
}

/* ---- bodies ---- */

/* A media range without its parameters. */
static bool takes_sdp(struct str range)
{
	static const char *const ranges[] = {"application/sdp", "application/*", "*/*"};
	size_t length = 0;

	while (length < range.len && !memchr("; \t\r\n", range.ptr[length], 5))
		length++;
	for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (str_caseeq((struct str){range.ptr, length}, str_of(ranges[i])))
			return true;
	return false;
}

bool extension_accepts_sdp(const struct sip_message *request)
{
	const struct sip_header *header = sip_message_header(request, SIP_HDR_ACCEPT, NULL);
	struct str rest, range;

	if (!header)
		return true;
	for (; header; header = sip_message_header(request, SIP_HDR_ACCEPT, header)) {
		rest = header->value;
		while (sip_list_next(&rest, &range))
			if (takes_sdp(range))
				return true;
	}
	return false;
}

/* ---- methods ---- */

void extension_write_allow(struct sip_writer *writer, const struct config_dial_plan *plan)
{
	sip_writer_headerf(writer, "Allow",
			   "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, MESSAGE, NOTIFY, UPDATE%s%s",
			   does_100rel(plan) ? ", PRACK" : "",
			   plan && plan->refer == REFER_LOCAL ? ", REFER" : "");
}

void extension_learn(struct leg *leg, const struct sip_message *message)
{
	const struct sip_header *header = sip_message_header(message, SIP_HDR_ALLOW, NULL);

	if (!header)
		return;
	leg->peer_allows = 0;
	for (; header; header = sip_message_header(message, SIP_HDR_ALLOW, header)) {
		struct str rest = header->value, token;

		while (sip_list_next(&rest, &token))
			leg->peer_allows |= 1U << sip_method_of(token);
	}
}

bool extension_peer_allows(const struct leg *leg, enum sip_method method)
{
	return leg->peer_allows & 1U << method;
}
