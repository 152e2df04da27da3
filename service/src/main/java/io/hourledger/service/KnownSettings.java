package io.hourledger.service;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The settings of all services by name, from a list that a test holds against the configuration table. */
final class KnownSettings {

    private static final String LIST = "settings.txt";

    /** So many letters may be wrong for a name still to be taken for a misspelt one. */
    private static final int MOST_TYPOS = 4;

    /**
     * One of them.
     *
     * @param name as the table writes it: {@code []} for an index, {@code .*} at the end for any name
     * @param requiredBy the services that do not start without it
     */
    record Setting(String name, Set<String> requiredBy) {

        private boolean matches(String plainName) {
            String own = plain(name);
            if (own.endsWith(".*")) {
                String map = own.substring(0, own.length() - 2);
                return plainName.startsWith(map + ".") || plainName.startsWith(map + "[");
            }
            // a list may be one text with commas
            return plainName.equals(own) || own.equals(plainName + "[]");
        }
    }

    private final List<Setting> settings;

    private KnownSettings(List<Setting> settings) {
        this.settings = settings;
    }

    static KnownSettings read() {
        try (InputStream list = KnownSettings.class.getResourceAsStream(LIST)) {
            if (list == null) {
                throw new IllegalStateException("the list of settings is missing in the build: " + LIST);
            }
            List<Setting> settings = new ArrayList<>();
            BufferedReader lines = new BufferedReader(new InputStreamReader(list, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.startsWith("#") && !line.isBlank()) {
                    String[] words = line.split(" ", -1);
                    settings.add(new Setting(words[0], words.length == 1 ? Set.of() : Set.of(words[1].split(",", -1))));
                }
            }
            return new KnownSettings(settings);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    boolean knows(String name) {
        String plain = plain(name);
        return settings.stream().anyMatch(setting -> setting.matches(plain));
    }

    /** Whether a name is that of a group, such as one that YAML leaves empty. */
    boolean isGroup(String name) {
        String plain = plain(name);
        return settings.stream()
                .map(setting -> plain(setting.name))
                .anyMatch(full -> full.startsWith(plain + ".") || full.startsWith(plain + "[]"));
    }

    /** In an environment variable's name nothing tells dots from dashes. */
    boolean knowsLetters(String name) {
        String letters = letters(name);
        return settings.stream()
                .anyMatch(setting -> setting.name.endsWith(".*")
                        ? letters.startsWith(letters(setting.name))
                        : letters.equals(letters(setting.name)));
    }

    List<String> requiredBy(String service) {
        return settings.stream()
                .filter(setting -> setting.requiredBy.contains(service))
                .map(Setting::name)
                .toList();
    }

    /** The name that was probably meant. */
    Optional<String> nearest(String name) {
        String nearest = null;
        int least = MOST_TYPOS + 1;
        for (Setting setting : settings) {
            int typos = distance(plain(name), plain(setting.name));
            if (typos < least) {
                least = typos;
                nearest = setting.name;
            }
        }
        return Optional.ofNullable(nearest);
    }

    /** Spring takes dashes and capitals as they come, and indices are not part of a name. */
    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replace("-", "").replaceAll("\\[\\d+]", "[]");
    }

    private static String letters(String name) {
        return name.toLowerCase(Locale.ROOT)
                .replaceAll("\\[\\d*]|_\\d+(?=_|$)|\\.\\d+(?=\\.|$)", "")
                .replaceAll("[^a-z0-9]", "");
    }

    /** Levenshtein's: how many letters are wrong, missing or too many. */
    private static int distance(String one, String other) {
        int[] before = new int[other.length() + 1];
        for (int j = 0; j <= other.length(); j++) {
            before[j] = j;
        }
        for (int i = 1; i <= one.length(); i++) {
            int[] now = new int[other.length() + 1];
            now[0] = i;
            for (int j = 1; j <= other.length(); j++) {
                int replaced = before[j - 1] + (one.charAt(i - 1) == other.charAt(j - 1) ? 0 : 1);
                now[j] = Math.min(replaced, Math.min(before[j], now[j - 1]) + 1);
            }
            before = now;
        }
        return before[other.length()];
    }
}
