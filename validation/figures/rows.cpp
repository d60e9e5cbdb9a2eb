#include "validation/figures/table.hpp"

#include <array>

namespace aet::validation {

namespace {

// Errors of several hundred atoms and shares of them state their intervals; these hold for files that do not.
constexpr Scatter of_errors{.relative = 0.05, .absolute = 1e-3};
constexpr Scatter of_shares{.relative = 0.05, .absolute = 0.01};
// Over seeds of one case R1 and R-free move by 1 to 2 %, rms differences of order by some 5 %.
constexpr Scatter of_residuals{.relative = 0.02, .absolute = 1e-4};
constexpr Scatter of_order{.relative = 0.05, .absolute = 1e-4};
// The rms of the 3 n turns or 2 n shifts of n tilts scatters by 1 / sqrt(6 n) or 1 / sqrt(4 n) of itself: at
// most 10 % from 25 tilts on. The smallest are as good as none.
constexpr Scatter of_poses{.relative = 0.10, .absolute = 1e-3};
// Over one or two nuclei, means and rms differences have no scatter that a history could show.
constexpr int enough_nuclei = 3;
// An rms over three nuclei scatters by 1 / sqrt(6) = 41 % of itself if errors are normal; theirs have long
// tails.
constexpr Scatter of_few_nuclei{.relative = 0.05, .absolute = 0.01, .at_first = 0.5};
constexpr Scatter of_lengths{.relative = 0.05, .absolute = 0.1, .at_first = 0.5};
// Overlaps of matched nuclei lie between 0.25 and 1: a mean of three or more scatters by at most 0.12.
constexpr Scatter of_overlaps{.relative = 0.05, .absolute = 0.01, .at_first = 0.1};

// What rows have in common.
using Kind = FigureDefinition;
constexpr Kind counted{.form = Form::count};
constexpr Kind counted_by_chance{.decimals = 1};
constexpr Kind good_share{
    .better = Better::higher, .form = Form::share, .rule = Rule::interval, .scatter = of_shares};
constexpr Kind error_pm{
    .unit = "pm", .better = Better::lower, .decimals = 2, .rule = Rule::interval, .scatter = of_errors};
constexpr Kind length_pm{.unit = "pm", .decimals = 2};
constexpr Kind efficiency{.better = Better::higher, .rule = Rule::interval, .scatter = of_shares};
constexpr Kind share{.form = Form::share};
constexpr Kind in_sigmas{.decimals = 2};
constexpr Kind chance_error{.decimals = 4};
constexpr Kind length_a{.unit = "A"};
constexpr Kind residual{
    .better = Better::lower, .decimals = 4, .rule = Rule::scatter, .scatter = of_residuals};
constexpr Kind angle{.unit = "deg"};
constexpr Kind angle_error{
    .unit = "deg", .better = Better::lower, .rule = Rule::scatter, .scatter = of_poses};
constexpr Kind shift{.unit = "px"};
constexpr Kind shift_error{.unit = "px", .better = Better::lower, .rule = Rule::scatter, .scatter = of_poses};
constexpr Kind order_error{
    .better = Better::lower, .decimals = 4, .rule = Rule::scatter, .scatter = of_order};
// S of the highest of 16 phases: where two are nearly as high, an atom more or less beside them shows.
constexpr Scatter of_chemical_order{.relative = 0.05, .absolute = 0.01};
constexpr Kind chemical_order_error{
    .better = Better::lower, .decimals = 4, .rule = Rule::scatter, .scatter = of_chemical_order};
constexpr Kind order{.decimals = 4};
constexpr Kind nuclei{.form = Form::count, .rule = Rule::count};
constexpr Kind good_nuclei{.better = Better::higher, .form = Form::count, .rule = Rule::count};
constexpr Kind bad_nuclei{.better = Better::lower, .form = Form::count, .rule = Rule::count};
constexpr Kind overlap{.better = Better::higher, .rule = Rule::scatter, .scatter = of_overlaps};
constexpr Kind nuclei_error{.better = Better::lower, .rule = Rule::scatter, .scatter = of_few_nuclei};
constexpr Kind length_error{
    .unit = "A", .better = Better::lower, .decimals = 2, .rule = Rule::scatter, .scatter = of_lengths};

constexpr Kind resting_on(Kind kind, std::string_view count, int least) {
  kind.rests_on = {count, least};
  return kind;
}

constexpr Kind part_of(Kind kind, std::string_view count) {
  kind.part_of = count;
  return kind;
}

constexpr Kind unchecked(Kind kind) {
  kind.checked = false;
  return kind;
}

constexpr FigureDefinition row(Kind kind, std::string_view name, std::string_view label,
                               std::string_view meaning) {
  kind.name = name;
  kind.label = label;
  kind.meaning = meaning;
  return kind;
}

constexpr std::array rows{
    row(counted, "atoms.truth", "Atoms in the truth", "Number of atoms of the truth."),
    row(counted, "atoms.model", "Atoms in the model", "Number of atoms of the recovered model."),
    row(counted, "atoms.matched", "Atoms matched one to one",
        "Number of true atoms with a partner of their own in the model, within the matching cut-off."),
    row(good_share, "atoms.recall", "Recall", "Share of the true atoms that have a partner in the model."),
    row(good_share, "atoms.precision", "Precision",
        "Share of the model's atoms that have a partner in the truth."),
    row(good_share, "atoms.species_correct", "Species correct among matched",
        "Share of the matched atoms that carry the true element."),
    row(good_share, "atoms.identified", "Identified (position and species)",
        "Share of the true atoms that are matched and carry the true element."),
    row(error_pm, "atoms.rmsd_pm", "RMSD",
        "Root of the mean squared distance of matched atoms after alignment."),
    row(error_pm, "atoms.rmsd_x_pm", "RMSD along x",
        "Root of the mean squared error along x, across tilt axis and beam."),
    row(error_pm, "atoms.rmsd_y_pm", "RMSD along y",
        "Root of the mean squared error along y, the tilt axis."),
    row(error_pm, "atoms.rmsd_z_pm", "RMSD along z",
        "Root of the mean squared error along z, the beam at zero tilt."),
    row(error_pm, "atoms.median_pm", "Median error", "Distance that half of the matched atoms stay below."),
    row(length_pm, "atoms.limit_rmsd_pm", "Physical limit of the RMSD (Cram\u00e9r\u2013Rao)",
        "Least RMSD of the matched atoms that any unbiased method can reach on these images."),
    row(efficiency, "atoms.efficiency", "Efficiency (limit / achieved)",
        "The physical limit of the RMSD over the RMSD: 1 means that all information in the images is used."),
    row(in_sigmas, "atoms.z_rms_x", "Error over error bar along x (rms)",
        "Root of the mean square of error over stated standard error along x; 1 if error bars hold, above 1 "
        "if "
        "they are too small."),
    row(in_sigmas, "atoms.z_rms_y", "Error over error bar along y (rms)", "The same along y."),
    row(in_sigmas, "atoms.z_rms_z", "Error over error bar along z (rms)", "The same along z."),
    row(share, "atoms.cover_68", "Errors within one standard error",
        "Share of the matched atoms' three errors that stay within the stated standard error: 68 % if error "
        "bars hold."),
    row(share, "atoms.cover_95", "Errors within 1.96 standard errors", "The same for 1.96 of them: 95 %."),
    row(chance_error, "atoms.presence_brier", "Brier score of presence",
        "Mean square of stated probability that an atom is there less what is: 0 if certain and right, 0.25 "
        "if "
        "nothing is known."),
    row(chance_error, "atoms.presence_brier_constant", "Brier score of presence, one number for all",
        "Brier score of presence if every atom had the share that is there: above it, the probabilities tell "
        "atoms that are there from those that are not."),
    row(chance_error, "atoms.species_brier", "Brier score of species",
        "Mean square of stated probability of a matched atom's species less whether it is right."),
    row(chance_error, "atoms.species_brier_constant", "Brier score of species, one number for all",
        "Brier score of species if every atom had the share that is right."),
    row(share, "atoms.chance_recall", "Recall by chance",
        "Recall of the same model turned at random: what a wrong model would score."),
    row(length_a, "atoms.cutoff_a", "Matching cut-off", "Largest distance of a matched pair."),
    row(counted, "atoms.by_species.SYMBOL.truth", "SYMBOL: atoms in the truth",
        "Number of true atoms of this element."),
    row(counted, "atoms.by_species.SYMBOL.model", "SYMBOL: atoms in the model",
        "Number of the model's atoms that carry this element."),
    row(counted, "atoms.by_species.SYMBOL.matched", "SYMBOL: atoms matched",
        "Number of true atoms of this element with a partner of any element."),
    row(good_share, "atoms.by_species.SYMBOL.recall", "SYMBOL: recall",
        "Share of the true atoms of this element that have a partner of any element."),
    row(good_share, "atoms.by_species.SYMBOL.identified", "SYMBOL: identified",
        "Share of the true atoms of this element whose partner carries it."),
    row(good_share, "atoms.by_species.SYMBOL.precision", "SYMBOL: precision",
        "Share of the model's atoms of this element that have a true partner of it."),
    row(error_pm, "atoms.by_species.SYMBOL.rmsd_pm", "SYMBOL: RMSD",
        "Root of the mean squared distance of the true atoms of this element from their partners."),
    row(unchecked(counted), "compared_model.model", "Atoms in the other model",
        "Number of atoms of the model that is scored beside the recovered one."),
    row(unchecked(share), "compared_model.recall", "Recall of the other model",
        "Share of the true atoms that have a partner in the other model."),
    row(unchecked(share), "compared_model.precision", "Precision of the other model",
        "Share of the other model's atoms that have a partner in the truth."),
    row(unchecked(share), "compared_model.identified", "Identified in the other model",
        "Share of the true atoms that the other model has, with the correct element."),
    row(unchecked(length_pm), "compared_model.rmsd_pm", "RMSD of the other model",
        "Root of the mean squared distance of matched atoms of the other model."),
    row(residual, "volume.r1", "R\u2081",
        "Difference of measured and reprojected Fourier amplitudes over the measured ones."),
    row(residual, "volume.r_free", "R-free",
        "The same over Fourier points withheld from the reconstruction."),
    row(angle, "volume.angle_error_given_deg", "Error of the angles as given",
        "Root mean square rotation error per axis of the tilts as recorded."),
    row(angle_error, "volume.angle_error_deg", "Error of the angles after refinement",
        "Root mean square rotation error per axis of the refined tilts."),
    row(shift, "volume.shift_error_given_px", "Error of the shifts as given",
        "Root mean square shift error per axis of the images as recorded."),
    row(shift_error, "volume.shift_error_px", "Error of the shifts after refinement",
        "Root mean square shift error per axis of the refined images."),
    row(order_error, "order.q4_rms", "Q4, rms difference",
        "Root of the mean squared difference of Q4 between matched atoms."),
    row(order, "order.q4_mean_difference", "Q4, mean difference",
        "Mean of Q4 of the model less that of the truth over matched atoms."),
    row(order_error, "order.q6_rms", "Q6, rms difference",
        "Root of the mean squared difference of Q6 between matched atoms."),
    row(order, "order.q6_mean_difference", "Q6, mean difference",
        "Mean of Q6 of the model less that of the truth over matched atoms."),
    row(order_error, "order.alpha_rms", "\u03b1, rms difference",
        "Root of the mean squared difference of \u03b1 between matched atoms."),
    row(order, "order.alpha_mean_difference", "\u03b1, mean difference",
        "Mean of \u03b1 of the model less that of the truth over matched atoms."),
    row(order, "order.q4_mean_SIDE", "Mean Q4, SIDE", "Mean of Q4 over all atoms of one side."),
    row(order, "order.q6_mean_SIDE", "Mean Q6, SIDE", "Mean of Q6 over all atoms of one side."),
    row(order, "order.alpha_mean_SIDE", "Mean \u03b1, SIDE", "Mean of \u03b1 over all atoms of one side."),
    row(share, "order.crystalline_fraction_SIDE", "Crystalline fraction, SIDE",
        "Share of all atoms of one side that are crystalline."),
    row(nuclei, "nuclei.truth", "Nuclei in the truth",
        "Number of nuclei that the analysis finds in the truth."),
    row(nuclei, "nuclei.model", "Nuclei in the model",
        "Number of nuclei that the analysis finds in the model."),
    row(counted, "nuclei.left_SIDE", "Nuclei not made by chance, SIDE",
        "Those that chance makes with a probability of at most 0.05: a fluid of the same density and "
        "outline."),
    row(counted_by_chance, "nuclei.by_chance_SIDE", "Nuclei expected by chance, SIDE",
        "Mean number of nuclei that the same rule finds in a fluid of the same density and outline."),
    row(part_of(good_nuclei, "nuclei.truth"), "nuclei.matched", "Nuclei of the truth matched in the model",
        "Number of nuclei of the truth with a partner in the model, by the atoms they share."),
    row(part_of(bad_nuclei, "nuclei.truth"), "nuclei.missed", "Nuclei of the truth missed in the model",
        "Number of nuclei of the truth without a partner in the model."),
    row(part_of(bad_nuclei, "nuclei.model"), "nuclei.spurious", "Spurious nuclei in the model",
        "Number of nuclei of the model without a partner in the truth."),
    row(resting_on(good_share, "nuclei.truth", 1), "nuclei.recall", "Recall of nuclei",
        "Share of the nuclei of the truth that have a partner in the model."),
    row(resting_on(good_share, "nuclei.model", 1), "nuclei.precision", "Precision of nuclei",
        "Share of the nuclei of the model that have a partner in the truth."),
    row(resting_on(good_share, "nuclei.truth", 1), "nuclei.f1", "F1 of nuclei",
        "Twice the matched nuclei over those of truth and model together; 1 where neither has one."),
    row(resting_on(overlap, "nuclei.matched", enough_nuclei), "nuclei.mean_overlap",
        "Mean overlap of matched nuclei",
        "Mean over matched nuclei of the atoms shared over the atoms of either."),
    row(resting_on(nuclei_error, "nuclei.matched", enough_nuclei), "nuclei.size_rms",
        "Size of nuclei, relative rms difference",
        "Root of the mean squared relative error of the effective number of atoms of matched nuclei."),
    row(resting_on(nuclei_error, "nuclei.matched", enough_nuclei), "nuclei.surface_rms",
        "Surface of nuclei, relative rms difference",
        "Root of the mean squared relative error of the effective surface of matched nuclei."),
    row(part_of(good_nuclei, "nuclei.matched"), "opg.compared",
        "Matched nuclei with an OPG fit in truth and model",
        "Number of matched nuclei whose order-parameter gradient (OPG) could be fitted on both sides."),
    row(resting_on(nuclei_error, "opg.compared", enough_nuclei), "opg.alpha0_rms",
        "\u03b1\u2080, rms difference",
        "Root of the mean squared error of the order parameter at the core of matched nuclei."),
    row(resting_on(length_error, "opg.compared", enough_nuclei), "opg.lambda_rms_a", "\u03bb, rms difference",
        "Root of the mean squared error of the decay length of the order-parameter gradient."),
    row(resting_on(nuclei_error, "opg.compared", enough_nuclei), "opg.beta_rms", "\u03b2, rms difference",
        "Root of the mean squared error of the exponent of the order-parameter gradient."),
    row(resting_on(good_share, "opg.compared", enough_nuclei), "opg.alpha0_in_interval",
        "\u03b1\u2080 of the truth within the model's 95 % interval",
        "Share of the compared fits whose 95 % interval of \u03b1\u2080 holds that of the truth."),
    row(resting_on(good_share, "opg.compared", enough_nuclei), "opg.lambda_in_interval",
        "\u03bb of the truth within the model's 95 % interval",
        "Share of the compared fits whose 95 % interval of \u03bb holds that of the truth."),
    row(resting_on(good_share, "opg.compared", enough_nuclei), "opg.beta_in_interval",
        "\u03b2 of the truth within the model's 95 % interval",
        "Share of the compared fits whose 95 % interval of \u03b2 holds that of the truth."),
    row(part_of(good_nuclei, "opg.compared"), "opg.barrier_compared",
        "Compared OPG fits with a nucleation barrier on both sides",
        "Number of compared fits that give a nucleation barrier in truth and model."),
    row(resting_on(nuclei_error, "opg.barrier_compared", enough_nuclei), "opg.barrier_rms",
        "Nucleation barrier, relative rms difference",
        "Root of the mean squared relative error of the nucleation barrier."),
    row(good_share, "chemistry.phases_agree", "Atoms of the right chemical phase",
        "Share of matched atoms, on lattices in truth and model, that belong to the same of the 16 phases."),
    row(chemical_order_error, "chemistry.order_rms_error", "S, rms difference",
        "Root of the mean squared difference of the chemical order S between matched atoms that are on "
        "lattices "
        "in truth and model."),
    row(nuclei, "chemistry.nuclei_truth", "Nuclei of chemical order in the truth",
        "Number of nuclei of ordered phases that the analysis finds in the truth."),
    row(nuclei, "chemistry.nuclei_model", "Nuclei of chemical order in the model",
        "Number of nuclei of ordered phases that the analysis finds in the model."),
    row(counted, "chemistry.nuclei_left_SIDE", "Nuclei of chemical order not made by chance, SIDE",
        "Those that chance makes with a probability of at most 0.05: species permuted over the same sites."),
    row(counted_by_chance, "chemistry.by_chance_SIDE", "Nuclei of chemical order expected by chance, SIDE",
        "Mean number of nuclei that the same rule finds after the species were permuted."),
    row(part_of(good_nuclei, "chemistry.nuclei_truth"), "chemistry.nuclei_matched",
        "Nuclei of chemical order matched in the model",
        "Number of nuclei of chemical order of the truth with a partner in the model."),
    row(part_of(bad_nuclei, "chemistry.nuclei_truth"), "chemistry.nuclei_missed",
        "Nuclei of chemical order missed in the model",
        "Number of nuclei of chemical order of the truth without a partner in the model."),
    row(part_of(bad_nuclei, "chemistry.nuclei_model"), "chemistry.nuclei_spurious",
        "Spurious nuclei of chemical order in the model",
        "Number of nuclei of chemical order of the model without a partner in the truth."),
    row(resting_on(good_share, "chemistry.nuclei_truth", 1), "chemistry.nuclei_f1",
        "F1 of nuclei of chemical order",
        "Twice the matched nuclei of chemical order over those of truth and model together."),
    row(resting_on(nuclei_error, "chemistry.nuclei_matched", enough_nuclei), "chemistry.nuclei_size_rms",
        "Size of nuclei of chemical order, relative rms difference",
        "Root of the mean squared relative error of the effective number of atoms of matched nuclei."),
    row(counted, "chemistry.antisites_SIDE", "Anti-sites, SIDE",
        "Number of atoms that sit where their ordered phase wants the other element."),
    row(counted, "chemistry.grains_SIDE", "Chemical grains, SIDE",
        "Number of grains of one phase of at least 31 atoms."),
    row(order, "chemistry.c_over_a_SIDE", "c/a of L1_0, SIDE",
        "Mean tetragonality of the nuclei of L1_0, weighted by their atoms."),
    row(counted, "dynamics.common_SIDE", "Common nuclei, SIDE",
        "Number of nuclei that can be followed over all moments."),
    row(counted, "dynamics.growing_SIDE", "Growing nuclei, SIDE",
        "Number of common nuclei that are growing."),
    row(counted, "dynamics.dissolving_SIDE", "Dissolving nuclei, SIDE",
        "Number of common nuclei that are dissolving."),
    row(counted, "dynamics.fluctuating_SIDE", "Fluctuating nuclei, SIDE",
        "Number of common nuclei that are fluctuating."),
    row(counted, "dynamics.events_merge_SIDE", "Events: merge, SIDE",
        "Number of times that two nuclei become one."),
    row(counted, "dynamics.events_divide_SIDE", "Events: divide, SIDE",
        "Number of times that one nucleus becomes two."),
    row(counted, "dynamics.events_nucleate_SIDE", "Events: nucleate, SIDE",
        "Number of times that a nucleus appears."),
    row(counted, "dynamics.events_dissolve_SIDE", "Events: dissolve, SIDE",
        "Number of times that a nucleus vanishes."),
    row(good_share, "dynamics.event_accuracy", "Events reported correctly",
        "Events that the model shows as the truth has them, over all that happened or were reported."),
    row(good_share, "dynamics.chemical_event_accuracy", "Events of chemical order reported correctly",
        "The same for nuclei of chemical order."),
    row(unchecked(counted), "dynamics.event_TRUE_as_FOUND", "Events: TRUE in the truth, FOUND in the model",
        "Number of events by what happened in the truth and what the model shows; left out where it is 0."),
};

} // namespace

std::span<const FigureDefinition> figure_table() {
  return rows;
}

} // namespace aet::validation
