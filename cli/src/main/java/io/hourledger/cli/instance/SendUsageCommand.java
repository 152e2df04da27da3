package io.hourledger.cli.instance;

import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.Meter;
import io.hourledger.standalone.ExitCode;
import io.hourledger.standalone.stack.Service;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./metering instance send}. */
@Command(
        name = "send",
        header = "Sends an instance one usage event, dated now in business time.",
        description = {"", "By HTTP and with the API key of the stack, as an app does. Each call is another event.", ""
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:it was accepted",
            "1:it was not",
            "2:the command line is wrong",
            "3:the stack does not answer"
        },
        footer = {"", "Example: ./metering instance send INSTANCE --value 203023"})
final class SendUsageCommand extends StackCommand {

    private static final int ACCEPTED = 202;

    @Parameters(paramLabel = "INSTANCE", description = "its id, as open has printed it")
    private String instance = "";

    @Option(
            names = "--value",
            paramLabel = "N",
            defaultValue = "203023",
            description = "for a meter that sums, in the unit of its events (default: ${DEFAULT-VALUE})")
    private BigDecimal value = BigDecimal.ONE;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Meter meter = meter();
        HttpResponse<String> answer =
                stack.send(HttpRequest.newBuilder(stack.address(Service.INGEST).resolve("/v1/usage-events"))
                        .header("Authorization", "Bearer " + stack.secrets().apiKey())
                        .header("Content-Type", "application/cloudevents+json")
                        .POST(HttpRequest.BodyPublishers.ofString(
                                UsageExample.event(stack, instance, meter, value.toPlainString()))));
        PrintWriter out = out();
        out.println("HTTP " + answer.statusCode() + " " + answer.body());
        out.flush();
        return answer.statusCode() == ACCEPTED ? ExitCode.OK : ExitCode.DIFFERENT;
    }

    /** The pusher knows what was opened, and as what. */
    private Meter meter() throws IOException, InterruptedException {
        Catalogue catalogue = stack.catalogue();
        return InstancePage.read(new OperatedPusher(), stack, instance, 1)
                .flatMap(page -> catalogue.meter(page.path("meter").asString("")))
                .orElseThrow(() -> wrong("there is no instance " + instance + "; open one: ./metering instance open"));
    }
}
