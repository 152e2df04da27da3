package io.hourledger.cli.notice;

import picocli.CommandLine.Command;

/** {@code ./metering notice}. */
@Command(
        name = "notice",
        description = "What apps are told of their instances: shows what an endpoint did not take, and sends it again.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {NoticeListCommand.class, NoticeResendCommand.class})
public final class NoticeCommand {}
