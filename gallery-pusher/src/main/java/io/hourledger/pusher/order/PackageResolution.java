package io.hourledger.pusher.order;

import io.hourledger.contracts.instance.DecidedBy;
import io.hourledger.contracts.instance.InstanceId;
import io.hourledger.contracts.usage.Catalogue;
import io.hourledger.contracts.usage.ChargingMode;
import io.hourledger.contracts.usage.PackageTerms;
import io.hourledger.contracts.usage.Product;
import io.hourledger.ledger.api.InstanceView;
import io.hourledger.ledger.api.LedgerQueries;
import io.hourledger.pusher.order.RequestedInstances.Requested;
import io.hourledger.pusher.order.RequestedInstances.State;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Opens a package that waits for a person, who says which pay-per-use instance it is for, and what it contains. */
public final class PackageResolution {

    private final RequestedInstances requests;
    private final PackageOpening opening;
    private final Catalogue catalogue;
    private final LedgerQueries queries;

    PackageResolution(RequestedInstances requests, PackageOpening opening, Catalogue catalogue, LedgerQueries queries) {
        this.requests = requests;
        this.opening = opening;
        this.catalogue = catalogue;
        this.queries = queries;
    }

    /**
     * What a person says of one item of a package.
     *
     * @param productId the item
     * @param instanceId the pay-per-use instance that it is for
     * @param amount what it contains; null for what the catalogue says
     */
    public record Choice(String productId, String instanceId, @Nullable BigDecimal amount) {}

    /** What came of it. */
    public sealed interface Outcome {

        record Opened() implements Outcome {}

        /** Nothing with this id waits. */
        record NotWaiting(String why) implements Outcome {}

        /** Nothing was done. */
        record Impossible(String why) implements Outcome {}
    }

    /** Opens the package, with one choice for each of its items. */
    public Outcome resolve(String packageInstanceId, List<Choice> choices, DecidedBy by) {
        Optional<Requested> requested = requests.ofInstance(packageInstanceId);
        if (requested.isEmpty()
                || requested.get().state() == State.OPEN
                || requested.get().state() == State.RELEASED) {
            return new Outcome.NotWaiting("no unopened instance has the id " + packageInstanceId);
        }
        if (choices.isEmpty()
                || choices.stream().map(Choice::instanceId).distinct().count() < choices.size()) {
            return new Outcome.Impossible("each item of a package is for an instance of its own");
        }
        List<PackageItem> items = new ArrayList<>();
        for (Choice choice : choices) {
            Optional<String> mistake = mistakeIn(choice, requested.get());
            if (mistake.isPresent()) {
                return new Outcome.Impossible(mistake.get());
            }
            items.add(new PackageItem(choice.productId(), new InstanceId(choice.instanceId()), amount(choice)));
        }
        return switch (opening.add(requested.get(), items, by)) {
            case PackageOpening.Result.Added _ -> new Outcome.Opened();
            case PackageOpening.Result.GivenBack _ ->
                new Outcome.NotWaiting("the order was released before it was opened");
            case PackageOpening.Result.Unclear(String why) -> new Outcome.Impossible(why);
            case PackageOpening.Result.NotYet(String why) -> new Outcome.Impossible(why);
        };
    }

    private Optional<String> mistakeIn(Choice choice, Requested requested) {
        Optional<Product> product =
                catalogue.product(choice.productId()).filter(any -> any.chargingMode() == ChargingMode.ON_DEMAND_PKG);
        if (product.isEmpty()) {
            return Optional.of("product " + choice.productId() + " is no package of the catalogue");
        }
        Optional<InstanceView> instance = queries.instance(new InstanceId(choice.instanceId()));
        if (instance.isEmpty()) {
            return Optional.of("there is no instance " + choice.instanceId());
        }
        if (!instance.get().origin().product().meter().equals(product.get().meter())) {
            return Optional.of("instance " + choice.instanceId() + " has the meter "
                    + instance.get().origin().product().meter() + ", and package " + choice.productId() + " is for "
                    + product.get().meter());
        }
        if (instance.get().origin().test() != requested.test()) {
            return Optional.of("one of package and instance is for debugging, and the other is not");
        }
        BigDecimal amount = choice.amount();
        try {
            if (amount == null && terms(product.get()).amount() == null) {
                return Optional.of("the catalogue does not say what package " + choice.productId() + " contains");
            }
            PackageTerms unused = new PackageTerms(true, amount);
        } catch (IllegalArgumentException noAmount) {
            return Optional.of(String.valueOf(noAmount.getMessage()));
        }
        return Optional.empty();
    }

    private BigDecimal amount(Choice choice) {
        BigDecimal said = choice.amount();
        return said != null
                ? said
                : Objects.requireNonNull(
                        terms(catalogue.product(choice.productId()).orElseThrow())
                                .amount());
    }

    private static PackageTerms terms(Product product) {
        return Objects.requireNonNull(product.packageTerms());
    }
}
