package io.hourledger.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The processes of a run, one small file each, so that whoever survives the driver can end the others; a frozen one can't itself. */
final class ProcessIds {

    private final Path folder;

    private ProcessIds(Path folder) {
        this.folder = folder;
    }

    static ProcessIds of(Path run) {
        return new ProcessIds(RunFolder.processIds(run));
    }

    /** Remembers the process that fills a place now. */
    void put(StackPart part, ProcessHandle process) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve(part.word()), process.pid() + " " + startOf(process));
        } catch (IOException e) {
            throw new UncheckedIOException("the process id of " + part.word() + " cannot be kept", e);
        }
    }

    void killAllButMe() {
        for (ProcessHandle process : alive()) {
            if (process.pid() != ProcessHandle.current().pid()) {
                process.destroyForcibly();
            }
        }
    }

    private List<ProcessHandle> alive() {
        List<ProcessHandle> alive = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String[] words = Files.readString(file).split(" ", 2);
                // an id alone could have gone to a stranger by now
                Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(words[0]))
                        .filter(found -> startOf(found).equals(words[1]));
                process.ifPresent(alive::add);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the process ids in " + folder + " cannot be read", e);
        }
        return alive;
    }

    private static String startOf(ProcessHandle process) {
        return process.info().startInstant().map(Object::toString).orElse("");
    }
}
