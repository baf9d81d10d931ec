/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What phones have heard. */
#include <stdlib.h>
#include <string.h>

#include "private.h"

static struct phone_message *take(struct phone *phone, const char *method, unsigned status)
{
	for (unsigned i = 0; i < phone->received; i++) {
		struct phone_message *message = &phone->inbox[i];
		const struct sip_message *parsed = &message->parsed;
		bool wanted = method
				  ? parsed->request && str_eq(parsed->method_token, str_of(method))
				  : !parsed->request && parsed->status == status;

		if (phone->taken[i] || !wanted)
			continue;
		phone->taken[i] = true;
		return message;
	}
	return NULL;
}

static void show_inbox(const struct phone *phone)
{
	for (unsigned i = 0; i < phone->received; i++)
		print_message("%s %s: %.*s\n", phone->name, phone->taken[i] ? "(taken)" : "",
			      (int)strcspn(phone->inbox[i].text, "\r"), phone->inbox[i].text);
}

struct phone_message *phone_hears(struct world *world, enum phone_number number, const char *method)
{
	struct phone_message *message = take(&world->phone[number], method, 0);

	if (!message) {
		show_inbox(&world->phone[number]);
		fail_msg("%s does not hear %s", world->phone[number].name, method);
	}
	return message;
}

struct phone_message *phone_hears_status(struct world *world, enum phone_number number,
					 unsigned status)
{
	struct phone_message *message = take(&world->phone[number], NULL, status);

	if (!message) {
		show_inbox(&world->phone[number]);
		fail_msg("%s does not hear %u", world->phone[number].name, status);
	}
	return message;
}

bool phone_hears_nothing(struct world *world, enum phone_number number)
{
	const struct phone *phone = &world->phone[number];

	for (unsigned i = 0; i < phone->received; i++)
		if (!phone->taken[i]) {
			show_inbox(phone);
			return false;
		}
	return true;
}

void message_has(const struct phone_message *message, const char *text)
{
	if (!strstr(message->text, text))
		fail_msg("\"%s\" is not in\n%s", text, message->text);
}

void message_lacks(const struct phone_message *message, const char *text)
{
	if (strstr(message->text, text))
		fail_msg("\"%s\" is in\n%s", text, message->text);
}

unsigned message_number(const struct phone_message *message, const char *text)
{
	const char *at = strstr(message->text, text);

	if (!at)
		fail_msg("\"%s\" is not in\n%s", text, message->text);
	return (unsigned)strtoul(at + strlen(text), NULL, 10);
}
