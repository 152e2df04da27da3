package io.hourledger.files.focus;

import io.hourledger.contracts.marketplace.BillableAmount;
import io.hourledger.files.table.Column;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a usage charge by version. Source of each: the FOCUS specification, specification/columns. In 1.3 the service and host
 * provider came, and in 1.4 provider and publisher went.
 */
final class FocusColumns {

    /** A charge with all that its columns say. */
    record Charged(FocusCharge charge, String productId, @Nullable FocusCost cost, FocusNames names) {}

    /** Says what a column has for a charge. */
    interface Value {
        @Nullable Object of(Charged charged);
    }

    private record FocusColumn(Column column, Value value) {}

    private final List<FocusColumn> columns = new ArrayList<>();

    FocusColumns(FocusVersion version) {
        addCosts();
        addAccountAndPeriods();
        addChargeAndUsage();
        addProviders(version);
        addProof();
    }

    private void addCosts() {
        money("BilledCost", cost -> cost.billed());
        money("EffectiveCost", cost -> cost.effective());
        money("ListCost", cost -> cost.list());
        money("ContractedCost", cost -> cost.list());
        money("ListUnitPrice", cost -> cost.unitPrice());
        money("ContractedUnitPrice", cost -> cost.unitPrice());
        text("BillingCurrency", of -> of.cost == null ? null : of.cost.currency());
        text("PricingCategory", of -> of.cost == null ? null : "Standard");
    }

    private void addAccountAndPeriods() {
        text("BillingAccountId", of -> of.names.billingAccountId());
        text("BillingAccountName", of -> of.names.billingAccountId());
        text("SubAccountId", of -> of.charge.buyer);
        text("SubAccountName", of -> of.charge.buyer);
        time("BillingPeriodStart", of -> of.charge.billingPeriodStart());
        time("BillingPeriodEnd", of -> of.charge.billingPeriodEnd());
        time("ChargePeriodStart", of -> of.charge.begin);
        time("ChargePeriodEnd", of -> of.charge.end);
    }

    private void addChargeAndUsage() {
        text("ChargeCategory", of -> "Usage");
        text("ChargeClass", of -> of.charge.isCorrection() ? "Correction" : null);
        text("ChargeFrequency", of -> "Usage-Based");
        text("ChargeDescription", of -> "usage of meter " + of.charge.meter + " by " + of.charge.instance);
        amount("ConsumedQuantity", BillableAmount.SCALE, of -> of.charge.amount);
        text("ConsumedUnit", of -> of.names.unitOf(of.charge.meter));
        amount("PricingQuantity", BillableAmount.SCALE, of -> of.charge.amount);
        text("PricingUnit", of -> of.names.unitOf(of.charge.meter));
        text("SkuId", of -> of.productId);
        text("SkuMeter", of -> of.charge.meter);
        text("ResourceId", of -> of.charge.instance);
        text("ServiceCategory", of -> "Other");
        text("ServiceName", of -> of.names.serviceName());
        text("InvoiceIssuerName", of -> FocusNames.MARKETPLACE);
    }

    private void addProviders(FocusVersion version) {
        if (!version.isFrom(FocusVersion.V1_4)) {
            text("ProviderName", of -> of.names.serviceProvider());
            text("PublisherName", of -> of.names.serviceProvider());
        }
        if (version.isFrom(FocusVersion.V1_3)) {
            text("ServiceProviderName", of -> of.names.serviceProvider());
            text("HostProviderName", of -> FocusNames.MARKETPLACE);
        }
    }

    /** With the serial number {@code ./metering ledger prove} shows where the row comes from. */
    private void addProof() {
        text("x_MeteringSn", of -> of.charge.meteringSn);
        time("x_UsageHour", of -> of.charge.hour);
        amount("x_Carried", Column.EXACT_SCALE, of -> of.charge.carried);
        text("x_State", of -> of.charge.state);
        text("x_PackageInstanceId", of -> of.charge.packageInstance);
    }

    private void text(String name, Value value) {
        columns.add(new FocusColumn(Column.text(name), value));
    }

    private void time(String name, Value value) {
        columns.add(new FocusColumn(Column.time(name), value));
    }

    private void amount(String name, int scale, Value value) {
        columns.add(new FocusColumn(Column.amount(name, scale), value));
    }

    /** Says one figure of a cost. */
    private interface Figure {
        java.math.@Nullable BigDecimal of(FocusCost cost);
    }

    private void money(String name, Figure figure) {
        amount(name, Column.EXACT_SCALE, of -> of.cost == null ? null : figure.of(of.cost));
    }

    List<Column> all() {
        return columns.stream().map(FocusColumn::column).toList();
    }

    List<@Nullable Object> values(Charged charged) {
        List<@Nullable Object> values = new ArrayList<>(columns.size());
        for (FocusColumn column : columns) {
            values.add(column.value.of(charged));
        }
        return values;
    }
}
