/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "phones.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <rte_ip.h>
#include <rte_udp.h>

#include "crypto/engine.h"
#include "worker/srtp_burst.h"

#define RTP_BYTES 60U
#define REKEY_EVERY 20000U /* before the sequence number wraps, as each call begins at ROC 0 */
#define BUFFERS_LEFT 1024U /* for what the relay has under way */

const struct sluice_addr phones_inside_local = {.family = 4, .ip = {192, 0, 2, 1}};
const struct sluice_addr phones_outside_local = {.family = 4, .ip = {198, 51, 100, 1}};
const struct sluice_addr phones_inside = {.family = 4, .port = 4000, .ip = {192, 0, 2, 10}};
const struct sluice_addr phones_outside = {.family = 4, .port = 5000, .ip = {198, 51, 100, 10}};
const struct sluice_key phones_key = {
    .suite = SLUICE_SUITE_AES_CM_128_HMAC_SHA1_80, .key_len = 30, .key = {1, 2, 3}};

/* What the outer phones encrypt with. */
struct sender {
	struct srtp_worker *worker;
	struct srtp_context *context;
	uint32_t sequence;
	uint64_t random;
};

/* xorshift64 */
static uint32_t draw(uint64_t *state, uint32_t below)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 32) % below;
}

static uint32_t rtp_write(struct sender *sender, uint8_t *at)
{
	uint16_t sequence = (uint16_t)++sender->sequence;
	const uint8_t header[12] = {
	    0x80, 0, (uint8_t)(sequence >> 8), (uint8_t)sequence, 0, 0, 0, 0, 0, 0, 0, 7};

	memcpy(at, header, sizeof(header));
	memset(at + sizeof(header), (int)sequence, RTP_BYTES - sizeof(header));
	return RTP_BYTES;
}

static uint32_t rtcp_write(uint8_t *at)
{
	static const uint8_t report[8] = {0x80, 201, 0, 1, 0, 0, 0, 7};

	memcpy(at, report, sizeof(report));
	return sizeof(report);
}

static uint32_t encrypt(struct sender *sender, uint8_t *at, uint32_t length,
			enum srtp_packet_kind kind)
{
	struct srtp_packet packet = {.context = sender->context,
				     .data = at,
				     .length = length,
				     .capacity = length + SRTP_TRAILER_MAX,
				     .kind = kind};

	if (sender->sequence % REKEY_EVERY == 0) {
		srtp_context_wipe(sender->context, sender->worker);
		assert(srtp_context_init(sender->context, sender->worker, &phones_key) == 0);
		sender->sequence = 1;
	}
	srtp_protect_burst(sender->worker, &packet, 1);
	return packet.length;
}

static uint32_t payload_write(struct sender *sender, uint8_t *at, bool secure)
{
	bool report = draw(&sender->random, 16) == 0;
	uint32_t length = report ? rtcp_write(at) : rtp_write(sender, at);

	if (!secure)
		return length;
	length = encrypt(sender, at, length, report ? SRTP_PACKET_RTCP : SRTP_PACKET_RTP);
	at[length - 1] ^= draw(&sender->random, 4) == 0; /* forged */
	return length;
}

static void frame_write(struct sender *sender, struct rte_mbuf *mbuf, const struct wire *wire,
			bool outside)
{
	struct sluice_addr from = outside ? phones_outside : phones_inside;
	struct sluice_addr to = outside ? phones_outside_local : phones_inside_local;
	uint8_t *at = rte_pktmbuf_mtod(mbuf, uint8_t *);
	uint32_t length = payload_write(sender, at + 42, outside);
	struct rte_ether_hdr ether = {.dst_addr = wire->port.mac,
				      .src_addr = wire->port.neighbour,
				      .ether_type = htons(RTE_ETHER_TYPE_IPV4)};
	struct rte_ipv4_hdr ip = {.version_ihl = 0x45,
				  .total_length = htons((uint16_t)(28 + length)),
				  .time_to_live = 9,
				  .next_proto_id = IPPROTO_UDP};
	struct rte_udp_hdr udp = {.dgram_len = htons((uint16_t)(8 + length))};

	/* now and then from another port, so that latches move */
	from.port = (uint16_t)(from.port + 2 * (draw(&sender->random, 64) == 0));
	udp.src_port = htons(from.port);
	udp.dst_port =
	    htons((uint16_t)(PHONES_PORT_FIRST + 2 * draw(&sender->random, PHONES_PAIRS)));
	memcpy(&ip.src_addr, from.ip, 4);
	memcpy(&ip.dst_addr, to.ip, 4);
	ip.hdr_checksum = rte_ipv4_cksum(&ip);
	memcpy(at, &ether, sizeof(ether));
	memcpy(at + 14, &ip, sizeof(ip));
	memcpy(at + 34, &udp, sizeof(udp));
	mbuf->data_len = (uint16_t)(42 + length);
	mbuf->pkt_len = mbuf->data_len;
}

static bool send_one(struct phones *phones, struct sender *sender)
{
	bool outside = draw(&sender->random, 2);
	struct wire *wire = outside ? phones->outside : phones->inside;
	struct rte_mbuf *mbuf = wire_buffers_free() > BUFFERS_LEFT ? wire_buffer() : NULL;

	if (!mbuf)
		return false;
	frame_write(sender, mbuf, wire, outside);
	if (!wire_give(wire, draw(&sender->random, phones->workers), mbuf)) {
		rte_pktmbuf_free(mbuf);
		return false;
	}
	phones->sent++;
	return true;
}

void phones_drain(struct phones *phones)
{
	for (unsigned i = 0; i < 2; i++) {
		struct rte_mbuf *mbuf;

		while ((mbuf = wire_take(i ? phones->outside : phones->inside))) {
			phones->taken++;
			rte_pktmbuf_free(mbuf);
		}
	}
}

static void *phones_main(void *argument)
{
	struct phones *phones = argument;
	struct sender sender = {.random = 0x5eed, .sequence = 1};
	size_t size = srtp_context_size(phones_key.suite);

	assert(srtp_worker_new(&sender.worker, &crypto_engine_ipsec_mb, 0) == 0);
	sender.context = aligned_alloc(64, size);
	memset(sender.context, 0, size);
	assert(srtp_context_init(sender.context, sender.worker, &phones_key) == 0);
	while (!__atomic_load_n(&phones->stop, __ATOMIC_RELAXED)) {
		for (unsigned i = 0; i < 32 && send_one(phones, &sender); i++)
			;
		phones_drain(phones);
	}
	srtp_context_wipe(sender.context, sender.worker);
	free(sender.context);
	srtp_worker_free(sender.worker);
	return NULL;
}

int phones_start(struct phones *phones)
{
	return pthread_create(&phones->thread, NULL, phones_main, phones);
}

void phones_stop(struct phones *phones)
{
	__atomic_store_n(&phones->stop, 1, __ATOMIC_RELAXED);
	pthread_join(phones->thread, NULL);
}
