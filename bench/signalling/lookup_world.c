/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lookup_world.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sip/huge.h"

#define TRANSACTIONS_MAX 131072U /* the table has room for so many, however many there are */
#define DIGITS 16U
#define LINE_WORDS 8U

const struct sip_flow lookup_flow = {
    .transport = SIP_UDP,
    .remote = {.ss_family = AF_INET},
};

static int send_nothing(void *user, const struct sip_flow *to, const char *data, size_t length)
{
	struct lookup_world *world = user;

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
	struct lookup_world *world = user;

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

/* ---- messages: as they stand between a PBX and a carrier ---- */

/* Each DIGITS zeros are those of a number. */
#define ZEROS "0000000000000000"
static_assert(sizeof(ZEROS) - 1 == DIGITS, "of a number");

#define HEAD                                                                                     \
	"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK" ZEROS ";rport\r\n"                      \
	"From: \"Anna Berger\" <sip:+431000001000@pbx.example.com;user=phone>;tag=" ZEROS "\r\n" \
	"To: <sip:+431000002000@relay.example.com;user=phone>%s\r\n"                             \
	"Call-ID: " ZEROS "@192.0.2.1\r\nCSeq: 1 INVITE\r\n"                                     \
	"Contact: <sip:+431000001000@192.0.2.1:5060;transport=udp>\r\n"

#define INVITE                                                                                    \
	"INVITE sip:+431000002000@relay.example.com;user=phone SIP/2.0\r\n" HEAD                  \
	"Max-Forwards: 70\r\nUser-Agent: PBX 18.20\r\n"                                           \
	"Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK, INFO, NOTIFY\r\n"               \
	"Supported: 100rel, timer, replaces\r\nSession-Expires: 1800\r\nMin-SE: 90\r\n"           \
	"P-Asserted-Identity: \"Anna Berger\" <sip:+431000001000@pbx.example.com;user=phone>\r\n" \
	"Content-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s"

#define RINGING "SIP/2.0 180 Ringing\r\n" HEAD "Server: Switch 4.2\r\nContent-Length: 0\r\n\r\n"

static const char offer[] =
    "v=0\r\no=- 1700000000 1700000000 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    "m=audio 16384 RTP/AVP 8 0 9 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
    "a=rtpmap:9 G722/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-16\r\n"
    "a=ptime:20\r\na=sendrecv\r\n";

static size_t behind(const struct lookup_message *message, const char *mark)
{
	return (size_t)(strstr(message->text, mark) - message->text) + strlen(mark);
}

/* What was written of it. 0, -E2BIG or -EBADMSG. */
static int message_made(struct lookup_message *message, int length)
{
	if (length < 0 || (size_t)length >= sizeof(message->text))
		return -E2BIG;
	message->length = (size_t)length;
	message->branch = behind(message, ";branch=z9hG4bK");
	message->tag = behind(message, ";tag=");
	message->call_id = behind(message, "Call-ID: ");
	return sip_message_parse(&message->read, message->text, message->length, NULL);
}

static int request_make(struct lookup_message *message)
{
	return message_made(message, snprintf(message->text, sizeof(message->text), INVITE, "",
					      sizeof(offer) - 1, offer));
}

static int response_make(struct lookup_message *message)
{
	return message_made(message,
			    snprintf(message->text, sizeof(message->text), RINGING, ";tag=8f3a61"));
}

static void put_number(char *digits, uint64_t number)
{
	for (unsigned i = DIGITS; i-- > 0; number >>= 4)
		digits[i] = "0123456789abcdef"[number & 15];
}

/* In the branch, the From tag and the Call-ID: no two requests are merged. */
static void receive(struct lookup_world *world, const struct lookup_message *message,
		    uint32_t number)
{
	memcpy(world->received, message->text, message->length);
	put_number(world->received + message->branch, number);
	put_number(world->received + message->tag, number);
	put_number(world->received + message->call_id, number);
}

/* ---- tables ---- */

static int give(struct lookup_world *world, const struct lookup_message *message, uint32_t number)
{
	struct sip_message parsed;
	int result;

	receive(world, message, number);
	result = sip_message_parse(&parsed, world->received, message->length, NULL);
	return result ? result : sip_transactions_receive(world->table, &parsed, &lookup_flow, 0);
}

/* Each client has had a 180 too: the first moves its timer, which costs more than it is found. */
static int fill(struct lookup_world *world)
{
	struct sip_client *client;
	int result = 0;

	for (uint32_t i = 0; i < world->count / 2 && result == 0; i++) {
		result = give(world, &world->request, i);
		if (result == 0)
			result = sip_client_start(world->table, &client, world->received,
						  world->request.length, &lookup_flow, world, 0);
		if (result == 0)
			result = give(world, &world->response, i);
	}
	return result;
}

static size_t line_bytes(const struct lookup_world *world)
{
	return (size_t)world->count * LINE_WORDS * sizeof(world->lines[0]);
}

int lookup_world_open(struct lookup_world *world, uint32_t count)
{
	*world = (struct lookup_world){.count = count, .random = UINT64_C(0x9e3779b97f4a7c15)};
	if (count < 2 || count > TRANSACTIONS_MAX)
		return -EINVAL;
	world->lines = huge_map(line_bytes(world));
	if (!world->lines)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		world->lines[i * LINE_WORDS] = 0; /* a page of its own, not that of all zeros */
	world->table = sip_transactions_new(&ops, world, NULL, TRANSACTIONS_MAX);
	if (!world->table)
		return -ENOMEM;
	if (request_make(&world->request) < 0 || response_make(&world->response) < 0)
		return -EINVAL;
	return fill(world);
}

void lookup_world_close(struct lookup_world *world)
{
	sip_transactions_free(world->table);
	huge_unmap(world->lines, line_bytes(world));
	world->table = NULL;
	world->lines = NULL;
}

uint32_t lookup_world_draw(struct lookup_world *world, uint32_t below)
{
	world->random ^= world->random << 13;
	world->random ^= world->random >> 7;
	world->random ^= world->random << 17;
	return (uint32_t)(world->random >> 32) % below;
}

size_t lookup_world_arrive(struct lookup_world *world, uint32_t turn)
{
	const struct lookup_message *message = turn & 1 ? &world->request : &world->response;

	receive(world, message, lookup_world_draw(world, world->count / 2));
	return message->length;
}

const struct sip_message *lookup_world_read(struct lookup_world *world, uint32_t turn)
{
	struct lookup_message *message = turn & 1 ? &world->request : &world->response;

	put_number(message->text + message->branch, lookup_world_draw(world, world->count / 2));
	return &message->read;
}

uint64_t lookup_world_line(struct lookup_world *world, uint64_t zero)
{
	size_t at = (size_t)(lookup_world_draw(world, world->count) + zero) * LINE_WORDS;

	return *(volatile uint64_t *)&world->lines[at];
}
