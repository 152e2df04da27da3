package io.hourledger.cli.ledger;

import io.hourledger.aggregator.postgres.PostgresCatalogue;
import io.hourledger.files.focus.FocusExport;
import io.hourledger.files.focus.FocusNames;
import io.hourledger.files.focus.FocusVersion;
import io.hourledger.files.focus.PriceList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What a FOCUS file needs beside the ledger. */
final class FocusOptions {

    @Option(
            names = "--focus",
            paramLabel = "VERSION",
            description = "usage charges as FOCUS 1.2, 1.3 or 1.4 has them; needs --month, --account-id, --seller and"
                    + " --service")
    private @Nullable String version;

    @Option(
            names = "--prices",
            paramLabel = "FILE",
            description = "with --focus: the price list (JSON); without it the file says \"usage without cost\"")
    private @Nullable Path prices;

    @Option(
            names = "--account-id",
            paramLabel = "ID",
            description = "with --focus: what the file calls the seller's account")
    private @Nullable String account;

    @Option(names = "--seller", paramLabel = "NAME", description = "with --focus: who sells the app")
    private @Nullable String seller;

    @Option(names = "--service", paramLabel = "NAME", description = "with --focus: the app")
    private @Nullable String service;

    @Option(
            names = "--unit",
            paramLabel = "METER=UNIT",
            description = "with --focus: the unit of a meter; may be given often (default: the published catalogue's)")
    private Map<String, String> units = new LinkedHashMap<>();

    boolean areGiven() {
        return version != null;
    }

    /** What is wrong with them, in a sentence. */
    Optional<String> problem() {
        if (version == null || FocusVersion.of(version).isEmpty()) {
            return Optional.of("--focus is 1.2, 1.3 or 1.4");
        }
        return account == null || seller == null || service == null
                ? Optional.of("--focus needs --account-id, --seller and --service")
                : Optional.empty();
    }

    FocusExport export(LedgerDatabase.Open ledger) {
        FocusNames names = new FocusNames(
                String.valueOf(account), String.valueOf(seller), String.valueOf(service), unitsOf(ledger));
        return new FocusExport(
                ledger.jdbc(),
                ledger.transactions(),
                FocusVersion.of(String.valueOf(version)).orElseThrow(),
                names,
                priceList());
    }

    private @Nullable PriceList priceList() {
        Path list = prices;
        if (list == null) {
            return null;
        }
        try {
            return PriceList.read(Files.readAllBytes(list));
        } catch (IOException unreadable) {
            throw new UncheckedIOException("the price list " + list + " cannot be read", unreadable);
        }
    }

    /** A meter that has left the catalogue has the unit of the newest version with it. */
    private Map<String, String> unitsOf(LedgerDatabase.Open ledger) {
        Map<String, String> all = new LinkedHashMap<>();
        Boolean counted =
                ledger.jdbc().queryForObject("select to_regclass('aggregator.catalogue') is not null", Boolean.class);
        if (Boolean.TRUE.equals(counted)) {
            new PostgresCatalogue(ledger.dataSource()).find().ifPresent(versions -> versions.all().stream()
                    .flatMap(catalogue -> catalogue.meters().stream())
                    .forEach(meter -> all.put(meter.name(), meter.unit())));
        }
        all.putAll(units);
        return all;
    }
}
