package io.hourledger.ledger;

import io.hourledger.ledger.instance.SellerPolicy.LateWindow;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The settings {@code hourledger.ledger.*}.
 *
 * @param lateWindow where usage goes whose hour has a record already: {@code hold}, {@code shorter} or {@code reserved-tail}
 */
@ConfigurationProperties("hourledger.ledger")
public record LedgerSettings(@DefaultValue("hold") LateWindow lateWindow) {}
