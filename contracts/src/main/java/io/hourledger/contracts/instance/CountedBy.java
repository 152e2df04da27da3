package io.hourledger.contracts.instance;

/**
 * Names the rule that counted an hour.
 *
 * @param meter name of the meter that counted
 * @param catalogueVersion the catalogue in which that meter stood
 */
public record CountedBy(String meter, int catalogueVersion) {}
