# The baseline of the benchmark: one rule for each configuration, promotion by run blocks, Snakemake's own defaults.
import os
import shutil

BASE = {{ base_dir.__repr__() }}


rule all:
    input:
        os.path.join(BASE, "config"),


{% for bracket in brackets %}
{% for stage in bracket.stages %}
{% for c in range(stage.configurations) %}
rule train_{{ bracket.index }}_{{ stage.index }}_{{ c }}:
    input:
        os.path.join(BASE, "bracket-{{ bracket.index }}/stage-{{ stage.index }}/config-{{ c }}/config"),
    output:
        os.path.join(BASE, "bracket-{{ bracket.index }}/stage-{{ stage.index }}/config-{{ c }}/result"),
    shell:
        "bash {BASE}/run.sh $(dirname {input}) {{ stage.budget }}"


{% endfor %}
{% if not loop.last %}
rule promote_{{ bracket.index }}_{{ stage.index }}:
    input:
        [os.path.join(BASE, "bracket-{{ bracket.index }}/stage-{{ stage.index }}/config-%d/result" % c) for c in range({{ stage.configurations }})],
    output:
        [os.path.join(BASE, "bracket-{{ bracket.index }}/stage-{{ stage.index + 1 }}/config-%d/config" % c) for c in range({{ bracket.stages[stage.index + 1].configurations }})],
    run:
        for result, target in zip(sorted(input, key=lambda name: float(open(name).read())), output):
            shutil.copy(result.replace("/result", "/config"), target)


{% endif %}
{% endfor %}
{% endfor %}
rule best:
    input:
        [{% for bracket in brackets %}{% for c in range(bracket.stages[-1].configurations) %}os.path.join(BASE, "bracket-{{ bracket.index }}/stage-{{ bracket.stages[-1].index }}/config-{{ c }}/result"), {% endfor %}{% endfor %}],
    output:
        os.path.join(BASE, "config"),
    run:
        best = min(input, key=lambda name: float(open(name).read()))
        shutil.copy(best.replace("/result", "/config"), output[0])
