package io.hourledger.ledger.installation;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What the database says of itself at one moment.
 *
 * @param id the installation, made with the database and the same in every copy of it
 * @param number the largest it has drawn
 * @param draw null if there is none yet, or if a restore has taken it away
 * @param server what the server looks like now
 */
record InstallationRow(UUID id, long number, @Nullable Draw draw, ServerState server) {}
