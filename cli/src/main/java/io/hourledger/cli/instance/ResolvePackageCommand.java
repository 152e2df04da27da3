package io.hourledger.cli.instance;

import io.hourledger.cli.ledger.Person;
import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.standalone.ExitCode;
import io.hourledger.standalone.stack.Service;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code ./metering instance resolve}. */
@Command(
        name = "resolve",
        header = "Names the pay-per-use instance that a package is for.",
        description = {
            "",
            "A package that stops when it is used up waits if more than one instance could be meant, or if nobody knows what it contains."
                    + " ./metering instance list shows why. A package with several items takes one --item for each.",
            "One that is open at the wrong instance is moved, as long as nothing was drawn from it.",
            ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it is open, or would be with --yes",
            "1:it cannot be opened so, the sentence says why",
            "2:the command line is wrong",
            "3:the stack does not answer"
        },
        footer = {
            "",
            "Example: ./metering instance resolve PACKAGE --item web-egress-10=INSTANCE=10000 --who li.wei --why 'the buyer said so' --yes"
        })
final class ResolvePackageCommand extends StackCommand {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int DONE = 204;

    @Parameters(paramLabel = "PACKAGE", description = "the instance id under which it waits")
    private String packageId = "";

    @Option(
            names = "--item",
            paramLabel = "PRODUCT=INSTANCE[=AMOUNT]",
            required = true,
            description =
                    "the package's product, the pay-per-use instance that it is for, and what it contains in the meter's unit"
                            + " (default: what order and catalogue say)")
    private List<String> items = List.of();

    @Mixin
    private final Person person = new Person();

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<Map<String, Object>> choices = new ArrayList<>();
        for (String item : items) {
            choices.add(choice(item));
        }
        DecidedBy by = person.decidedBy();
        if (!person.means()) {
            out().println("package " + packageId + " would be opened for " + choices + "; say --yes to do it");
            out().flush();
            return ExitCode.OK;
        }
        Map<String, Object> resolution = new LinkedHashMap<>();
        resolution.put("who", by.who());
        resolution.put("why", by.why());
        resolution.put("items", choices);
        HttpResponse<String> answer = stack.send(HttpRequest.newBuilder(stack.address(Service.PUSHER)
                        .resolve("/operator/pusher/unopened-instances/"
                                + URLEncoder.encode(packageId, StandardCharsets.UTF_8) + "/package"))
                .header("Authorization", "Bearer " + stack.secrets().operatorToken())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(resolution))));
        if (answer.statusCode() == DONE) {
            out().println("package " + packageId + " is open");
            out().flush();
            return ExitCode.OK;
        }
        err().println("metering: package " + packageId + " is not opened: "
                + JSON.readTree(answer.body()).path("detail").asString("HTTP " + answer.statusCode()));
        err().flush();
        return ExitCode.DIFFERENT;
    }

    private Map<String, Object> choice(String item) {
        String[] parts = item.split("=", -1);
        if (parts.length < 2 || parts.length > 3 || parts[0].isBlank() || parts[1].isBlank()) {
            throw wrong("--item is PRODUCT=INSTANCE or PRODUCT=INSTANCE=AMOUNT, not " + item);
        }
        Map<String, Object> choice = new LinkedHashMap<>();
        choice.put("productId", parts[0]);
        choice.put("instanceId", parts[1]);
        if (parts.length == 3) {
            try {
                choice.put("amount", new BigDecimal(parts[2]));
            } catch (NumberFormatException noAmount) {
                throw wrong("the amount of --item " + item + " is no decimal");
            }
        }
        return choice;
    }
}
