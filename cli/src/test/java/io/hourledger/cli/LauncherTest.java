package io.hourledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hourledger.standalone.ExitCode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

@Tag("servers")
class LauncherTest {

    @TempDir
    Path elsewhere;

    private record Ended(int exitCode, String said) {}

    private Ended launcher(String... arguments) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder();
        builder.command().add(Repository.root().resolve("metering").toString());
        builder.command().addAll(List.of(arguments));
        Process process =
                builder.directory(elsewhere.toFile()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), said);
    }

    @Test
    void its_help_names_every_command_and_needs_no_build() throws Exception {
        Ended help = launcher("help");
        assertThat(help.exitCode()).isZero();
        for (String command : MeteringCli.commandLine().getSubcommands().keySet()) {
            assertThat(help.said()).contains("./metering " + command);
        }
        assertThat(help.said()).contains("./metering test");
    }

    @Test
    void it_leads_to_every_command_and_to_its_help() throws IOException {
        List<String> led = Files.readAllLines(Repository.root().resolve("metering")).stream()
                .map(String::strip)
                .filter(line -> line.startsWith("demo|up|"))
                .toList();
        assertThat(led).hasSize(2).allSatisfy(line -> assertThat(
                        line.substring(0, line.indexOf(')')).split("\\|"))
                .containsExactlyInAnyOrderElementsOf(
                        MeteringCli.commandLine().getSubcommands().keySet()));
    }

    @Test
    void an_unknown_command_is_refused_with_help() throws Exception {
        Ended refused = launcher("deom");
        assertThat(refused.exitCode()).isEqualTo(ExitCode.USAGE);
        assertThat(refused.said()).contains("there is no command \"deom\"", "./metering help");
        assertThat(launcher("help", "deom").exitCode()).isEqualTo(ExitCode.USAGE);
    }

    @Test
    void every_command_has_help_and_says_its_exit_codes() {
        MeteringCli.commandLine().getSubcommands().forEach((name, command) -> {
            String help = command.getUsageMessage(CommandLine.Help.Ansi.OFF);
            assertThat(help).as(name).contains("Usage: metering " + name, "--help", "Exit codes:");
        });
    }

    @Test
    void a_wrong_option_exits_with_two_and_a_sentence() {
        StringWriter said = new StringWriter();
        CommandLine line = MeteringCli.commandLine().setErr(new PrintWriter(said));
        assertThat(line.execute(
                        "demo", "--access-log", elsewhere.resolve("none").toString()))
                .isEqualTo(ExitCode.USAGE);
        assertThat(said.toString()).contains("there is no file");
        assertThat(line.execute("demo", "--access-log", elsewhere.toString())).isEqualTo(ExitCode.USAGE);
        assertThat(said.toString()).contains("must be a plain file");
        assertThat(line.execute("demo", "--speed", "0")).isEqualTo(ExitCode.USAGE);
        assertThat(line.execute(
                        "demo", "--report", elsewhere.resolve("no/folder.csv").toString()))
                .isEqualTo(ExitCode.USAGE);
    }
}
