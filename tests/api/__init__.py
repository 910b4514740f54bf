"""The API in process, on moto: the behaviour of each resource. contract/ has the rules that hold for every resource."""
