/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A glance against the parser: of what the parser takes, both say the same, above all whether it
 * belongs to a dialog; and what is answered from a glance is a response that the sender knows as
 * its own.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "sip/glance.h"
#include "sip/writer.h"

#define TAG STR("0123456789abcdef")

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool fact, const char *what)
{
	if (fact)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void compare(const struct sip_message *glanced, const struct sip_message *parsed)
{
	must(glanced->method == parsed->method, "method");
	must(str_eq(glanced->method_token, parsed->method_token), "method token");
	must(str_eq(glanced->request_uri_text, parsed->request_uri_text), "Request-URI");
	must(str_eq(glanced->call_id, parsed->call_id), "Call-ID");
	must(glanced->cseq == parsed->cseq, "CSeq");
	must(!glanced->to.tag.ptr == !parsed->to.tag.ptr, "whether it is in a dialog");
	must(str_eq(glanced->to.tag, parsed->to.tag), "To tag");
	must(str_eq(glanced->from.tag, parsed->from.tag), "From tag");
	must(str_eq(glanced->via.whole, parsed->via.whole), "Via");
	must(str_eq(glanced->via.branch, parsed->via.branch), "branch");
}

static void answer(const struct sip_message *glanced, const struct sip_message *parsed)
{
	static char text[2 * SIP_MESSAGE_MAX];
	struct sockaddr_storage source = {.ss_family = AF_INET};
	struct sip_message response;
	struct sip_writer writer;
	long length;

	sip_writer_response_to(&writer, text, sizeof(text), glanced, 503, NULL, TAG, &source);
	length = sip_writer_end(&writer, NULL, STR(""));
	if (!parsed)
		return; /* what could not be read may not be repeatable: then nothing is sent */
	must(length > 0, "no answer");
	/* a line may grow above the parser's limit by what is added to it */
	if (sip_message_parse(&response, text, (size_t)length, NULL) < 0)
		return;
	must(response.status == 503, "status");
	must(str_eq(response.via.branch, parsed->via.branch), "branch of the answer");
	must(str_eq(response.call_id, parsed->call_id), "Call-ID of the answer");
	must(str_eq(response.from.tag, parsed->from.tag), "From tag of the answer");
	must(response.cseq == parsed->cseq, "CSeq of the answer");
	must(str_eq(response.to.tag, parsed->to.tag.ptr ? parsed->to.tag : TAG),
	     "To tag of the answer");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sip_message glanced, parsed;
	const char *text = (const char *)data;
	bool good = sip_message_parse(&parsed, text, size, NULL) == 0;
	bool seen = sip_glance(&glanced, text, size);

	must(!seen || glanced.request, "a response");
	if (!good) {
		if (seen && sip_glance_via(&glanced))
			answer(&glanced, NULL);
		return 0;
	}
	/* empty lines before a message are for the parser */
	must(seen || !parsed.request || parsed.raw.ptr != text, "a good request was not seen");
	if (!seen)
		return 0;
	must(parsed.request, "a response");
	must(sip_glance_via(&glanced), "a good Via was not read");
	compare(&glanced, &parsed);
	answer(&glanced, &parsed);
	return 0;
}
