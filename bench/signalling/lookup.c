/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lookup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "sip/huge.h"
#include "sip/transaction.h"

#define TRANSACTIONS_MAX 131072U /* the table has room for so many, however many there are */
#define BATCH 512U               /* lookups between two looks at the clock */
#define ROUNDS 400U
#define BRANCH_DIGITS 16U
#define MESSAGE_MAX 2048U

/* One message, whose branch says of which transaction it is. */
struct template
{
	char text[MESSAGE_MAX];
	char *digits;
	struct sip_message message;
};

struct world {
	struct sip_transactions *table;
	uint32_t count; /* half of them clients, half servers */
	uint64_t answers;
	struct template request;
	struct template response;
	uint64_t random;
	double batch_ns[ROUNDS];
	uint64_t *lines; /* the floor: as many lines of memory as there are transactions */
	double floor_ns[ROUNDS];
};

static const struct sip_flow flow = {
    .transport = SIP_UDP,
    .remote = {.ss_family = AF_INET},
};

static int send_nothing(void *user, const struct sip_flow *to, const char *data, size_t length)
{
	struct world *world = user;

	(void)to;
	(void)data;
	(void)length;
	world->answers++;
	return 0;
}

static const char ringing[] = "SIP/2.0 180 Ringing\r\n\r\n";

static void request_new(void *user, struct sip_server *server, const struct sip_message *request,
			const struct sip_flow *from)
{
	(void)user;
	(void)request;
	(void)from;
	(void)sip_server_respond(server, 180, ringing, sizeof(ringing) - 1, 0);
}

static void cancel_new(void *user, struct sip_server *invite, const struct sip_message *cancel)
{
	(void)user;
	(void)invite;
	(void)cancel;
}

static void response_new(void *user, struct sip_client *client, const struct sip_message *response,
			 const struct sip_flow *from)
{
	struct world *world = user;

	(void)client;
	(void)response;
	(void)from;
	world->answers++;
}

static void client_gone(void *user, struct sip_client *client, enum sip_client_end end)
{
	(void)user;
	(void)client;
	(void)end;
}

static const struct sip_transaction_ops ops = {
    .send = send_nothing,
    .request = request_new,
    .cancel = cancel_new,
    .response = response_new,
    .client_ended = client_gone,
};

/* ---- messages ---- */

static int template_make(struct template *template, const char *line)
{
	int length =
	    snprintf(template->text, sizeof(template->text),
		     "%s\r\nVia: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK%016u;rport\r\n"
		     "Max-Forwards: 70\r\nFrom: \"Bench\" <sip:1000@192.0.2.1>;tag=%016u\r\n"
		     "To: <sip:2000@192.0.2.2>\r\nCall-ID: %016u@192.0.2.1\r\nCSeq: 1 INVITE\r\n"
		     "Contact: <sip:1000@192.0.2.1:5060>\r\nAllow: INVITE, ACK, BYE, CANCEL\r\n"
		     "User-Agent: bench\r\nContent-Length: 0\r\n\r\n",
		     line, 0U, 0U, 0U);

	template->digits = strstr(template->text, "z9hG4bK") + strlen("z9hG4bK");
	return sip_message_parse(&template->message, template->text, (size_t)length, NULL);
}

static void put_number(char *digits, uint64_t number)
{
	for (unsigned i = BRANCH_DIGITS; i-- > 0; number >>= 4)
		digits[i] = "0123456789abcdef"[number & 15];
}

/* In the branch, the From tag and the Call-ID: no two requests are merged. */
static void template_number(struct template *template, uint32_t number)
{
	put_number(template->digits, number);
	put_number(strstr(template->text, "tag=") + 4, number);
	put_number(strstr(template->text, "Call-ID: ") + 9, number);
}

/* ---- tables ---- */

static int fill(struct world *world)
{
	struct sip_client *client;
	int result = 0;

	for (uint32_t i = 0; i < world->count / 2 && result == 0; i++) {
		template_number(&world->request, i);
		result = sip_transactions_receive(world->table, &world->request.message, &flow, 0);
		if (result == 0)
			result = sip_client_start(world->table, &client, world->request.text,
						  strlen(world->request.text), &flow, world, 0);
	}
	return result;
}

#define LINE_WORDS 8U

static size_t floor_bytes(const struct world *world)
{
	return (size_t)world->count * LINE_WORDS * sizeof(world->lines[0]);
}

static int world_open(struct world *world, uint32_t count)
{
	*world = (struct world){.count = count, .random = UINT64_C(0x9e3779b97f4a7c15)};
	if (count < 2 || count > TRANSACTIONS_MAX)
		return -EINVAL;
	world->lines = huge_map(floor_bytes(world));
	if (!world->lines)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		world->lines[i * LINE_WORDS] = 0; /* a page of its own, not that of all zeros */
	world->table = sip_transactions_new(&ops, world, NULL, TRANSACTIONS_MAX);
	if (!world->table || template_make(&world->request, "INVITE sip:2000@192.0.2.2 SIP/2.0") ||
	    template_make(&world->response, "SIP/2.0 180 Ringing"))
		return -ENOMEM;
	return fill(world);
}

static uint32_t draw(struct world *world, uint32_t below)
{
	world->random ^= world->random << 13;
	world->random ^= world->random >> 7;
	world->random ^= world->random << 17;
	return (uint32_t)(world->random >> 32) % below;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void batch_run(struct world *world, uint32_t round)
{
	uint64_t start = call_now_ns();

	for (uint32_t i = 0; i < BATCH; i++) {
		struct template *template = i & 1 ? &world->request : &world->response;

		put_number(template->digits, draw(world, world->count / 2));
		(void)sip_transactions_receive(world->table, &template->message, &flow, 0);
	}
	world->batch_ns[round] = (double)(call_now_ns() - start) / BATCH;
}

/*
 * What the machine takes for one line of memory among as many as there are transactions, each
 * needed before the next is asked for: nothing that is found at random can be had for less.
 */
static void floor_run(struct world *world, uint32_t round)
{
	uint64_t start = call_now_ns(), zero = 0;

	for (uint32_t i = 0; i < BATCH; i++) {
		size_t at = (size_t)(draw(world, world->count) + zero) * LINE_WORDS;

		zero = *(volatile uint64_t *)&world->lines[at];
	}
	world->floor_ns[round] = (double)(call_now_ns() - start) / BATCH;
}

static double median(double *of_rounds)
{
	qsort(of_rounds, ROUNDS, sizeof(of_rounds[0]), by_size);
	return of_rounds[ROUNDS / 2];
}

static int report(struct world *world, uint64_t before)
{
	printf("{\"transactions\": %u, \"ns\": %.1f, \"floor_ns\": %.1f, \"lookups\": %u}\n",
	       world->count, median(world->batch_ns), median(world->floor_ns), ROUNDS * BATCH);
	/* each lookup that found its transaction was heard of */
	return world->answers - before == (uint64_t)ROUNDS * BATCH ? 0 : -EBADMSG;
}

int lookup_run(const struct arguments_list *counts)
{
	static struct world world[ARGUMENTS_LIST_MAX];
	uint64_t before[ARGUMENTS_LIST_MAX];
	int result = 0;

	for (uint32_t i = 0; i < counts->count && result == 0; i++) {
		result = world_open(&world[i], counts->value[i]);
		before[i] = world[i].answers;
	}
	/* in turns: what disturbs the machine disturbs all alike */
	for (uint32_t round = 0; round < ROUNDS && result == 0; round++)
		for (uint32_t i = 0; i < counts->count; i++)
			batch_run(&world[i], round);
	for (uint32_t round = 0; round < ROUNDS && result == 0; round++)
		for (uint32_t i = 0; i < counts->count; i++)
			floor_run(&world[i], round);
	for (uint32_t i = 0; i < counts->count && result == 0; i++)
		result = report(&world[i], before[i]);
	if (result < 0)
		fprintf(stderr, "signalling: lookup: %s\n", strerror(-result));
	for (uint32_t i = 0; i < counts->count; i++) {
		sip_transactions_free(world[i].table);
		huge_unmap(world[i].lines, floor_bytes(&world[i]));
	}
	return result;
}
