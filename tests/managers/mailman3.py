#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# What t551-mailman3.sh does with Mailman 3's own interfaces, under MAILMAN_CONFIG_FILE.
#
#   mailman3.py create LIST MEMBERS DIGESTERS OWNER...: the list, its members from files of one address a line
#   mailman3.py hold LIST: from now on each post waits for a moderator
import sys

from mailman.app.lifecycle import create_list
from mailman.core.initialize import initialize
from mailman.database.transaction import transaction
from mailman.interfaces.action import Action
from mailman.interfaces.archiver import ArchivePolicy
from mailman.interfaces.domain import IDomainManager
from mailman.interfaces.listmanager import IListManager
from mailman.interfaces.member import DeliveryMode, MemberRole
from mailman.interfaces.subscriptions import ISubscriptionManager
from mailman.interfaces.usermanager import IUserManager
from zope.component import getUtility


def lines(path):
    with open(path) as file:
        return [line.strip() for line in file]


def subscribe(mailing_list, address, role=MemberRole.member, mode=DeliveryMode.regular):
    users = getUtility(IUserManager)
    user = users.get_user(address) or users.make_user(address)
    member = mailing_list.subscribe(next(iter(user.addresses)), role)
    member.preferences.delivery_mode = mode


initialize()
with transaction():
    what, name, *rest = sys.argv[1:]
    if what == "create":
        getUtility(IDomainManager).add(name.split("@")[1])
        mailing_list = create_list(name)
        mailing_list.subject_prefix = "[staff] "
        mailing_list.send_welcome_message = False
        mailing_list.admin_immed_notify = True
        mailing_list.default_member_action = Action.accept
        mailing_list.archive_policy = ArchivePolicy.never
        mailing_list.digests_enabled = True
        mailing_list.digest_size_threshold = 1000
        mailing_list.max_message_size = 0
        members, digesters, *owners = rest
        for address in lines(members):
            subscribe(mailing_list, address)
        modes = [DeliveryMode.plaintext_digests, DeliveryMode.mime_digests]
        for number, address in enumerate(lines(digesters)):
            subscribe(mailing_list, address, mode=modes[number % 2])
        for address in owners:
            subscribe(mailing_list, address, MemberRole.owner)
    else:
        getUtility(IListManager).get(name).emergency = True
