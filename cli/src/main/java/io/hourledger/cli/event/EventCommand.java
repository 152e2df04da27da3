package io.hourledger.cli.event;

import picocli.CommandLine.Command;

/** {@code ./metering event}. */
@Command(
        name = "event",
        description = "Usage events: amend one, void one, see what became of one.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {EventAmendCommand.class, EventVoidCommand.class, EventShowCommand.class})
public final class EventCommand {}
