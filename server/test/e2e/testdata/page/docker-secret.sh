echo "tk_..." | docker secret create notifer_token -
