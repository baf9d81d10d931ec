/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Any message through header rules: what is made of it must be a message that our parser takes. */
#include <stdlib.h>

#include "header/edit.h"
#include "header/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char subject[] = "Subject", trunk[] = "X-Trunk", agent[] = "User-Agent", reason[] = "Reason",
	    pai[] = "P-Asserted-Identity", diversion[] = "Diversion", twice[] = "\\0 \\1\\2 \\0",
	    two_parts[] = "^([^;]*);?(.*)$", letter[] = "[a-m]{2}", whole[] = "x\\0";

static struct header_rule rules[] = {
    {.action = HEADER_REPLACE, .header = subject, .value = twice, .pattern = two_parts},
    {.action = HEADER_PASS, .header = subject},
    {.action = HEADER_REMOVE, .header = trunk, .pattern = letter},
    {.action = HEADER_PASS, .header = trunk},
    {.action = HEADER_PASS, .header = diversion},
    {.action = HEADER_PASS, .header = agent},
    {.action = HEADER_REPLACE, .header = pai, .value = whole},
    {.action = HEADER_PASS, .header = pai},
    {.action = HEADER_REMOVE, .header = reason},
    {.action = HEADER_ADD, .header = trunk, .value = agent},
    {.direction = HEADER_OUT, .action = HEADER_PASS, .header = reason},
    {.direction = HEADER_OUT, .action = HEADER_REMOVE, .header = diversion, .pattern = letter},
    {.direction = HEADER_OUT,
     .action = HEADER_REPLACE,
     .header = trunk,
     .value = twice,
     .pattern = two_parts},
    {.direction = HEADER_OUT, .action = HEADER_ADD, .header = subject, .value = trunk},
};

#define RULES (sizeof(rules) / sizeof(rules[0]))

static const struct header_rule *list[RULES];

static void prepare(void)
{
	const char *field;
	char error[192];

	for (size_t i = 0; i < RULES; i++) {
		rules[i].messages = ~0U;
		if (header_rule_check(&rules[i], &field, error, sizeof(error)))
			abort();
		list[i] = &rules[i];
	}
}

static void relay(const struct sip_message *message)
{
	static const struct header_rules all = {list, RULES};
	static char text[2 * SIP_MESSAGE_MAX];
	static struct header_view view;
	char lines[HEADER_PASSED_TEXT_MAX];
	enum header_message kind = header_message_of(message->method, message->status);
	struct sip_message again;
	struct sip_writer writer;
	long length;

	header_view_make(&view, message);
	header_view_apply(&view, kind, &all);
	header_view_pass(&view, kind, &all);
	sip_writer_request(&writer, text, sizeof(text), "INVITE", STR("sip:a@h"));
	sip_writer_header(&writer, "Via", STR("SIP/2.0/TCP h;branch=z9hG4bK1"));
	sip_writer_header(&writer, "From", STR("<sip:a@h>;tag=1"));
	sip_writer_header(&writer, "To", STR("<sip:b@h>"));
	sip_writer_header(&writer, "Call-ID", STR("c"));
	sip_writer_header(&writer, "CSeq", STR("1 INVITE"));
	sip_writer_header(&writer, "Contact", STR("<sip:a@h>"));
	sip_writer_header(&writer, "User-Agent", STR("sluice"));
	header_edit_append(&writer,
			   (struct str){lines, header_view_lines(&view, lines, HEADER_OPEN)});
	header_edit(&writer, HEADER_MESSAGE_INVITE, &all);
	length = sip_writer_end(&writer, NULL, (struct str){0});
	/* a single User-Agent is the peer's affair: two that pass are refused by who gets them */
	if (length < 0 ||
	    (sip_message_parse(&again, text, (size_t)length, NULL) == 0 && again.via_count != 1))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_message message;

	if (!list[0])
		prepare();
	if (sip_message_parse(&message, (const char *)data, size, NULL) == 0)
		relay(&message);
	return 0;
}
