package io.hourledger.cli.ledger;

import picocli.CommandLine.Command;

/** {@code ./metering ledger decide}. */
@Command(
        name = "decide",
        header = "What no machine may decide: a person's word, kept in the ledger with who and why.",
        description = {
            "",
            "Each shows what would happen. It happens with --yes. A decision that was taken already is taken once.",
            ""
        },
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "DECISION",
        subcommands = {
            Decisions.Billed.class,
            Decisions.NotBilled.class,
            Decisions.Reissue.class,
            Decisions.WriteOff.class,
            Decisions.Dispute.class,
            Decisions.Withdraw.class,
            Decisions.BillWithheld.class,
            Decisions.WriteOffWithheld.class,
            Decisions.WriteOffRemainder.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is decided, now or before",
            "1:the instance does not let it happen; it says why",
            "2:the command line is wrong",
            "3:it could not run; whether it is decided is not known then: ask again, it is decided once",
            "4:it was only shown; give --yes"
        },
        footer = {
            "",
            "Example: ./metering ledger decide not-billed 3f0c66f1… --data-dir data --who li.wei \\",
            "           --why \"not in the console's export of 24 November\" --yes"
        })
final class DecideCommand {}
