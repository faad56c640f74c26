with

components (component, bar, kind, component_order, title, plain_words) as (
    values
        ('position', 'judge', 'component', 1, 'Position', 'who is shown first'),
        ('verbosity', 'judge', 'component', 2, 'Verbosity', 'longer looks better'),
        ('self_pref', 'judge', 'component', 3, 'Self-preference', 'the judge''s own kin'),
        ('false_pass', 'judge', 'component', 4, 'False passes', 'bad answers passed'),
        ('false_fail', 'judge', 'component', 5, 'False fails', 'good answers failed'),
        ('contamination', 'test_set', 'component', 6, 'Contamination', 'items seen in training'),
        ('mix', 'test_set', 'component', 7, 'Mix', 'what users ask shifted'),
        ('within', 'test_set', 'component', 8, 'Within topics', 'the same topics got harder or stale'),
        ('construct', 'construct', 'component', 10, 'Construct', 'quality that does not move the outcome'),
        ('selection', 'selection', 'component', 11, 'Selection', 'who gives feedback'),
        ('uncovered', 'test_set', 'remainder', 9, 'Uncovered', 'traffic that the test set has no items for'),
        ('not_identified', 'not_identified', 'remainder', 12, 'Not identified', 'what the data at hand cannot tell apart'),
        ('bar_judge', 'judge', 'bar', 14, 'The judge flatters', 'position to false fails together'),
        ('bar_test_set', 'test_set', 'bar', 15, 'The test set is not production', 'contamination to uncovered together'),
        ('gap', 'gap', 'total', 13, 'Gap', 'offline score minus north star')
)

select
    component,
    bar,
    kind,
    component_order,
    title,
    plain_words
from components
