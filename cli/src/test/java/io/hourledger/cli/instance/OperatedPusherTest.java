package io.hourledger.cli.instance;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.cli.MeteringCli;
import io.hourledger.standalone.ExitCode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** An operator whose shell names the pusher of production changes nothing there when the command line names another one. */
@Tag("fast")
class OperatedPusherTest {

    private static final String PRODUCTION = "http://gallery-pusher.example:8083";

    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    /** In a shell with METERING_PUSHER_URL, and without --yes. */
    private int resolve(String... more) {
        CommandLine commands = MeteringCli.commandLine();
        commands.setDefaultValueProvider(argument ->
                argument instanceof OptionSpec option && option.longestName().equals("--url") ? PRODUCTION : null);
        String[] arguments = {"instance", "resolve", "i-1", "--product", "p", "--who", "li.wei", "--why", "said so"};
        String[] all = new String[arguments.length + more.length];
        System.arraycopy(arguments, 0, all, 0, arguments.length);
        System.arraycopy(more, 0, all, arguments.length, more.length);
        return commands.setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all);
    }

    @Test
    void the_plan_says_which_pusher_would_be_asked() {
        assertThat(resolve()).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains(PRODUCTION);
    }

    @Test
    void a_stack_on_the_command_line_holds_against_the_variable_of_the_shell() {
        assertThat(resolve("--data-dir", folder.toString())).as(err.toString()).isEqualTo(ExitCode.OK);
        assertThat(out.toString()).contains("the stack in " + folder).doesNotContain(PRODUCTION);
    }

    @Test
    void a_pusher_and_a_stack_together_are_a_wrong_command_line() {
        assertThat(resolve("--data-dir", folder.toString(), "--url", "http://127.0.0.1:1"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("--url or --data-dir, not both");
    }
}
