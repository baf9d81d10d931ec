/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "net/pci_steering.h"

#include <errno.h>
#include <string.h>

#include <rte_flow.h>

#define UDP_TYPES (RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_NONFRAG_IPV6_UDP)
#define ANY_TYPES (UDP_TYPES | RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6)
#define KEY_DEFAULT 40U /* bytes, of a NIC that does not say */

/* Well spread over 16 bits: of Microsoft's verification suite, again and again. */
static uint8_t rss_key[STEERING_KEY_MAX] = {
    0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0,
    0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30, 0xf2, 0x0c,
    0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa, 0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2,
    0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4};

const char *pci_steering_name(enum pci_steering_means means)
{
	static const char *const names[] = {
	    [PCI_STEERING_NONE] = "none",
	    [PCI_STEERING_RSS] = "RSS on the UDP destination port",
	    [PCI_STEERING_RSS_RULE] = "RSS on the UDP destination port, by flow rules",
	    [PCI_STEERING_RULES] = "flow rules on the UDP destination port",
	};

	return names[means];
}

static uint64_t rss_types(const struct rte_eth_dev_info *info)
{
	uint64_t types = info->flow_type_rss_offloads;

	/* without the addresses and the source port, when it can */
	if (types & RTE_ETH_RSS_L4_DST_ONLY && types & UDP_TYPES)
		return types & (UDP_TYPES | RTE_ETH_RSS_L4_DST_ONLY);
	return types & ANY_TYPES;
}

void pci_steering_configure(struct rte_eth_conf *conf, const struct rte_eth_dev_info *info,
			    uint16_t queues)
{
	uint8_t bytes = info->hash_key_size ? info->hash_key_size : KEY_DEFAULT;

	if (queues < 2 || !rss_types(info))
		return;
	conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	conf->rx_adv_conf.rss_conf.rss_hf = rss_types(info);
	if (bytes > STEERING_KEY_MAX) /* longer than any known: its own then */
		return;
	conf->rx_adv_conf.rss_conf.rss_key = rss_key;
	conf->rx_adv_conf.rss_conf.rss_key_len = bytes;
}

/* ---- RSS: key and table as the NIC has them, whoever wrote them ---- */

static int rss_read(uint16_t dpdk_port, const struct rte_eth_dev_info *info,
		    struct steering *steering)
{
	struct rte_eth_rss_reta_entry64 reta[STEERING_TABLE_MAX / RTE_ETH_RETA_GROUP_SIZE];
	struct rte_eth_rss_conf conf = {.rss_key = steering->key,
					.rss_key_len = sizeof(steering->key)};
	int rc;

	if (!info->reta_size || info->reta_size > STEERING_TABLE_MAX ||
	    info->hash_key_size > STEERING_KEY_MAX)
		return -ENOTSUP;
	memset(reta, 0xff, sizeof(reta)); /* all entries are asked for */
	rc = rte_eth_dev_rss_hash_conf_get(dpdk_port, &conf);
	rc = rc ? rc : rte_eth_dev_rss_reta_query(dpdk_port, reta, info->reta_size);
	if (rc)
		return rc;
	steering->key_size = info->hash_key_size ? info->hash_key_size : KEY_DEFAULT;
	steering->table_size = info->reta_size;
	for (unsigned i = 0; i < info->reta_size; i++)
		steering->table[i] =
		    reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE];
	return 0;
}

/* ---- rules ---- */

/* Ethernet, IPv4 or IPv6, UDP: of which ports, and what then. */
static int rule_add(uint16_t dpdk_port, unsigned family, const struct rte_flow_item_udp *spec,
		    const struct rte_flow_item_udp *mask, const struct rte_flow_action *action)
{
	const struct rte_flow_attr attr = {.ingress = 1};
	const struct rte_flow_item pattern[] = {
	    {.type = RTE_FLOW_ITEM_TYPE_ETH},
	    {.type = family ? RTE_FLOW_ITEM_TYPE_IPV6 : RTE_FLOW_ITEM_TYPE_IPV4},
	    {.type = RTE_FLOW_ITEM_TYPE_UDP, .spec = spec, .mask = mask},
	    {.type = RTE_FLOW_ITEM_TYPE_END},
	};
	const struct rte_flow_action actions[] = {*action, {.type = RTE_FLOW_ACTION_TYPE_END}};
	struct rte_flow_error error;

	if (rte_flow_validate(dpdk_port, &attr, pattern, actions, &error))
		return -ENOTSUP;
	return rte_flow_create(dpdk_port, &attr, pattern, actions, &error) ? 0 : -ENOTSUP;
}

static int rss_rule(uint16_t dpdk_port, unsigned family)
{
	const struct rte_flow_action_rss rss = {
	    .func = RTE_ETH_HASH_FUNCTION_TOEPLITZ,
	    .types = (family ? RTE_ETH_RSS_NONFRAG_IPV6_UDP : RTE_ETH_RSS_NONFRAG_IPV4_UDP) |
		     RTE_ETH_RSS_L4_DST_ONLY,
	    .queue_num = 0, /* the port's own table, which rss_read() knows */
	};
	const struct rte_flow_action action = {.type = RTE_FLOW_ACTION_TYPE_RSS, .conf = &rss};

	return rule_add(dpdk_port, family, NULL, NULL, &action);
}

unsigned pci_steering_buckets(uint16_t queues)
{
	unsigned buckets = 1;

	while (buckets < queues)
		buckets *= 2;
	return buckets;
}

static int queue_rule(uint16_t dpdk_port, uint16_t queues, unsigned family, unsigned bucket)
{
	unsigned buckets = pci_steering_buckets(queues);
	/* the lowest bit tells RTP from RTCP, which go together */
	const struct rte_flow_item_udp spec = {.hdr.dst_port =
						   rte_cpu_to_be_16((uint16_t)(bucket << 1))};
	const struct rte_flow_item_udp mask = {
	    .hdr.dst_port = rte_cpu_to_be_16((uint16_t)((buckets - 1) << 1))};
	const struct rte_flow_action_queue queue = {.index = (uint16_t)(bucket % queues)};
	const struct rte_flow_action action = {.type = RTE_FLOW_ACTION_TYPE_QUEUE, .conf = &queue};

	return rule_add(dpdk_port, family, &spec, &mask, &action);
}

static int rss_rules(uint16_t dpdk_port, unsigned families)
{
	int rc = 0;

	for (unsigned family = 0; family < 2 && !rc; family++)
		if (families & 1U << family)
			rc = rss_rule(dpdk_port, family);
	return rc;
}

static int queue_rules(uint16_t dpdk_port, uint16_t queues, unsigned families,
		       struct steering *steering)
{
	unsigned buckets = pci_steering_buckets(queues);
	int rc = 0;

	for (unsigned family = 0; family < 2 && !rc; family++)
		for (unsigned i = 0; i < buckets && families & 1U << family && !rc; i++)
			rc = queue_rule(dpdk_port, queues, family, i);
	*steering = (struct steering){.table_size = buckets};
	for (unsigned i = 0; i < buckets; i++)
		steering->table[i] = i % queues;
	return rc;
}

/* All rules or none. */
static int rules_end(uint16_t dpdk_port, int rc)
{
	struct rte_flow_error error;

	if (rc)
		(void)rte_flow_flush(dpdk_port, &error);
	return rc;
}

enum pci_steering_means pci_steering_start(uint16_t dpdk_port, const struct rte_eth_dev_info *info,
					   uint16_t queues, unsigned families,
					   struct steering *steering)
{
	*steering = (struct steering){0};
	if (queues < 2)
		return PCI_STEERING_NONE;
	if (rss_types(info) & RTE_ETH_RSS_L4_DST_ONLY && rss_read(dpdk_port, info, steering) == 0)
		return PCI_STEERING_RSS;
	if (rss_read(dpdk_port, info, steering) == 0 &&
	    rules_end(dpdk_port, rss_rules(dpdk_port, families)) == 0)
		return PCI_STEERING_RSS_RULE;
	if (rules_end(dpdk_port, queue_rules(dpdk_port, queues, families, steering)) == 0)
		return PCI_STEERING_RULES;
	*steering = (struct steering){0};
	return PCI_STEERING_NONE;
}
