from simulator.scenario import Scenario
def scenario_schema(): return Scenario.model_json_schema()
